/** Which of its own topics a device may use. What isn't listed is refused: an empty list refuses everything. */
export interface DeviceAccess {
  readonly publish: ReadonlySet<string>;
  readonly subscribe: ReadonlySet<string>;
}

export const DEVICE_ACCESS: DeviceAccess = {
  publish: new Set(['result', 'telemetry', 'status', 'tx']),
  subscribe: new Set(['assign', 'status', 'host', 'number']),
};
