import type { Asset, Item } from './stac';

/** One run of an analysis, kept under its day: `comparison:2026-05-10`, `comparison:2026-05-10.2`. */
export interface AnalysisVersion {
  readonly key: string;
  readonly day: string;
  /** 1 for the first of its day. */
  readonly number: number;
  readonly asset: Asset;
  readonly isLatest: boolean;
}

/** All runs of one analysis of an item, the newest first. */
export interface Analysis {
  readonly prefix: string;
  readonly versions: readonly AnalysisVersion[];
}

const dated = /^(?<prefix>.+):(?<day>\d{4}-\d{2}-\d{2})(?:\.(?<number>\d+))?$/;

/** True for the key under which an analysis is kept, dated or `latest`. */
export function isAnalysisKey(key: string): boolean {
  return dated.test(key) || key.endsWith(':latest');
}

/** The analyses among an item's assets. */
export function analysesOf(item: Item): readonly Analysis[] {
  const byPrefix = new Map<string, AnalysisVersion[]>();
  for (const [key, asset] of Object.entries(item.assets)) {
    const named = dated.exec(key)?.groups;
    if (!named) continue;
    const prefix = named['prefix'] ?? '';
    const isLatest = item.assets[`${prefix}:latest`]?.href === asset.href;
    const version = { key, day: named['day'] ?? '', number: Number(named['number'] ?? 1), asset, isLatest };
    byPrefix.set(prefix, [...(byPrefix.get(prefix) ?? []), version]);
  }
  return [...byPrefix].map(([prefix, versions]) => ({ prefix, versions: versions.sort(newestFirst) }));
}

/** What two versions say, name by name; only names that at least one has. */
export function compared(one: AnalysisVersion, other: AnalysisVersion): readonly Difference[] {
  const [left, right] = [factsOf(one), factsOf(other)];
  const names = [...new Set([...left.keys(), ...right.keys()])];
  return names.map((name) => {
    const [a, b] = [left.get(name) ?? '', right.get(name) ?? ''];
    return { name, left: a, right: b, differs: a !== b };
  });
}

/** One line of a comparison. */
export interface Difference {
  readonly name: string;
  readonly left: string;
  readonly right: string;
  readonly differs: boolean;
}

function factsOf({ asset }: AnalysisVersion): ReadonlyMap<string, string> {
  const facts = new Map<string, string>();
  const add = (name: string, value: unknown): void => {
    if (value === null || value === undefined) return;
    if (typeof value === 'object' && !Array.isArray(value))
      for (const [inner, deeper] of Object.entries(value)) add(`${name} ${inner}`, deeper);
    else facts.set(name, Array.isArray(value) ? value.join(', ') : String(value));
  };
  for (const [name, value] of Object.entries(asset)) add(name.replaceAll(/[_:]/g, ' '), value);
  return facts;
}

function newestFirst(one: AnalysisVersion, other: AnalysisVersion): number {
  return other.day.localeCompare(one.day) || other.number - one.number;
}
