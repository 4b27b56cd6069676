export { Alarms, type Alarm, type AlarmMemory, type AlarmPlace } from './alarms.js';
export type {
  HistoryAsk,
  InstanceState,
  OpenOptions,
  RecordingLimits,
  PointChange,
  PointReading,
  SmxContext,
  StatusState,
  Tools,
} from './context.js';
export { defineExtension } from './define.js';
export type { CallDefinition, DiscoverStep, ExtensionDefinition, JsonSchema, TestResult } from './define.js';
export type { Device, DeviceInit, EventFile, EventInit } from './device.js';
export { EnergySeries, type EnergyBox, type EnergyMethod, type EnergySeriesInit } from './energy/energy-series.js';
export { GuardedCounters, type CounterNews } from './energy/guarded-counters.js';
export type {
  GapKind,
  Line,
  LineCounters,
  LineListener,
  LineSettings,
  LineState,
  LineStatus,
} from './transports/types.js';
export {
  isModbusException,
  ModbusException,
  type ModbusLink,
  type ModbusOptions,
  type ModbusUnit,
  type RegisterBlock,
  type RegisterTable,
} from './modbus/types.js';
export type { MqttLink, MqttMessage, MqttOptions, MqttPublish } from './mqtt/types.js';
export type { Duration, Point, PointInit, SampleInit, SampleValue } from './point.js';
export type { Profile, ProfileColumn, ProfileInit, ProfileRow } from './profile.js';
export { applied, clamped, ignored, refused } from './setpoint.js';
export type { SetpointAnswer, SetpointCommand, SetpointHandler, SetpointInit, SetpointRelease } from './setpoint.js';
