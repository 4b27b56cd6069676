export { SOLAR_API_KINDS } from './bodies.js';
export { SOLAR_API_FAULTS } from './solar-api-faults.js';
export { SolarApiPort, type SolarApiOptions } from './solar-api-port.js';
