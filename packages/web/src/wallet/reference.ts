/** A new name for something a person wants done once. */
export function newReference(): string {
  return crypto.randomUUID();
}
