export { FLAVOUR_NAMES, FLAVOURS, NIGHTS, type FlavourName } from './flavour.js';
export { INVERTER_FAULTS, type InverterFault } from './inverter-faults.js';
export { InverterPort, type InverterPortOptions, type InverterTools } from './inverter-port.js';
export { InverterMeasures } from './inverter-models.js';
