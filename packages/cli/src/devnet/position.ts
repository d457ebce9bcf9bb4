import { readFile, rename, writeFile } from 'node:fs/promises';

/** How far the replay has come: passes over the plan, and items of the running pass that are final. */
export interface Position {
  readonly loop: number;
  readonly items: number;
}

/** The start where there is no position, or none that can be read: what is final already is recognised. */
export async function readPosition(path: string): Promise<Position> {
  try {
    const { loop, items } = JSON.parse(await readFile(path, 'utf8')) as Position;
    if (Number.isSafeInteger(loop) && Number.isSafeInteger(items) && loop >= 0 && items >= 0)
      return { loop, items };
  } catch {
    // No position yet.
  }
  return { loop: 0, items: 0 };
}

export async function writePosition(path: string, position: Position): Promise<void> {
  await writeFile(`${path}.new`, JSON.stringify(position));
  await rename(`${path}.new`, path);
}
