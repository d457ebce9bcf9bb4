/** A word on a device's data as it is kept in this browser and saved as a file: keys and signature in hex (spec: 4.10). */
export interface KeptConsent {
  readonly network: string;
  readonly device: string;
  readonly owner: string;
  readonly changes: number;
  readonly share: boolean;
  readonly timeMs: number;
  readonly signature: string;
}
