import { useState } from 'preact/hooks';
import { analysesOf, compared, type Analysis, type AnalysisVersion } from './analyses';
import type { Item } from './stac';
import { Thumbnail } from './thumbnail';

/** The versions of an item's analyses, two of them side by side. */
export function Analyses({ item }: { item: Item }) {
  const analyses = analysesOf(item);
  if (analyses.length === 0) return null;
  return (
    <section data-testid="analyses">
      <h3>Analyses</h3>
      {analyses.map((analysis) => <Versions key={analysis.prefix} analysis={analysis} />)}
    </section>
  );
}

function Versions({ analysis: { prefix, versions } }: { analysis: Analysis }) {
  const [chosen, setChosen] = useState<readonly [string, string]>([keyAt(versions, 1), keyAt(versions, 0)]);
  const left = versions.find(({ key }) => key === chosen[0]) ?? versions[0];
  const right = versions.find(({ key }) => key === chosen[1]) ?? versions[0];
  if (!left || !right) return null;
  return (
    <div class="versions">
      <p>
        <strong>{prefix}</strong>{' '}
        <span class="quiet">{versions.length === 1 ? '1 version' : `${versions.length} versions`}</span>
      </p>
      <div class="side-by-side">
        <Choice label="Compare" versions={versions} at={left.key} choose={(key) => setChosen([key, chosen[1]])} />
        <Choice label="with" versions={versions} at={right.key} choose={(key) => setChosen([chosen[0], key])} />
        <Picture version={left} />
        <Picture version={right} />
      </div>
      <Comparison left={left} right={right} />
    </div>
  );
}

function Choice({ label, versions, at, choose }: {
  label: string; versions: readonly AnalysisVersion[]; at: string; choose: (key: string) => void;
}) {
  return (
    <label class="field">
      <span>{label}</span>
      <select value={at} onInput={(event) => choose(event.currentTarget.value)}>
        {versions.map((version) => <option key={version.key} value={version.key}>{nameOf(version)}</option>)}
      </select>
    </label>
  );
}

function Picture({ version: { asset, key } }: { version: AnalysisVersion }) {
  const isPicture = /^image\/(png|jpeg|webp)/.test(asset.type ?? '') && /^https?:/.test(asset.href);
  return isPicture ? <div class="picture"><Thumbnail asset={asset} alt={`Picture of ${key}`} /></div> : <span />;
}

function Comparison({ left, right }: { left: AnalysisVersion; right: AnalysisVersion }) {
  return (
    <table class="comparison">
      <thead class="visually-hidden">
        <tr><th scope="col">What</th><th scope="col">{nameOf(left)}</th><th scope="col">{nameOf(right)}</th></tr>
      </thead>
      <tbody>
        {compared(left, right).map((line) => (
          <tr key={line.name} class={line.differs ? 'differs' : ''}>
            <th scope="row">{line.name}</th><td>{line.left}</td><td>{line.right}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function nameOf({ day, number, isLatest }: AnalysisVersion): string {
  return `${day}${number > 1 ? ` (${number})` : ''}${isLatest ? ' · latest' : ''}`;
}

function keyAt(versions: readonly AnalysisVersion[], at: number): string {
  return (versions[at] ?? versions[0])?.key ?? '';
}
