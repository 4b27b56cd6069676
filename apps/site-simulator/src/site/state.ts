import type { House } from '../house/index.js';

/** Every device of the house as it is now: W (load convention), Wh, V, A, %, Cel, degrees, ms UTC. */
export function houseState(house: House): object {
  const { battery, ev, pv, heating, grid, meter, gas, water } = house;
  return {
    t: house.t,
    outdoors: house.outdoors,
    connection: {
      power: meter.power,
      import: meter.wattHours('import'),
      export: meter.wattHours('export'),
      demand: meter.demand,
      frequency: grid.frequency,
      phases: [0, 1, 2].map((i) => ({
        power: house.phases[i],
        reactive: house.reactive[i],
        voltage: grid.voltage[i],
        current: grid.current[i],
        angle: grid.angle(i),
      })),
    },
    branches: Object.fromEntries(
      house.devices.map(({ name, meter: branch }) => [
        name,
        { power: branch.power, import: branch.import / 3600, export: branch.export / 3600 },
      ]),
    ),
    pv: {
      power: pv.power,
      limit: pv.wanted,
      curtailed: pv.curtailed,
      strings: pv.strings.map(({ power, voltage, current, irradiance }) => ({ power, voltage, current, irradiance })),
    },
    battery: battery && {
      soc: battery.soc,
      power: battery.meter.power,
      state: battery.state,
      setpoint: battery.wanted,
      chargeLimit: battery.chargeLimit,
      dischargeLimit: battery.dischargeLimit,
      voltage: battery.voltage,
      current: battery.current,
    },
    ev: ev && {
      status: ev.status,
      plugged: ev.plugged,
      soc: ev.soc,
      current: ev.current,
      offered: ev.offered,
      session: ev.session / 3600,
    },
    heating: {
      indoors: heating.indoors,
      supply: heating.supply,
      running: heating.running,
      heat: heating.pumpHeat,
      boiler: heating.boilerHeat,
      performance: heating.performance,
    },
    gas: gas.litres / 1000,
    water: water.litres / 1000,
  };
}
