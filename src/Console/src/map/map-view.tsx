import { useEffect, useRef } from 'preact/hooks';
import { chosenItem, openItem, pointedAt } from '../catalogue/chosen';
import { found, query, view } from '../catalogue/search';
import { boxOf, keyOf, type Item } from '../catalogue/stac';
import { useStore } from '../store';
import { theme } from '../ui/theme';
import { Drawings } from './drawings';
import { around, footprintsOf } from './geometry';
import { WorldMap } from './world-map';

/** The map of this page; null until the page shows it. */
export const onMap: { world: WorldMap | null; drawings: Drawings | null } = { world: null, drawings: null };

/** The map with the footprints of what was found. */
export function MapView() {
  const container = useRef<HTMLDivElement>(null);
  const { items } = useStore(found);
  const { box: drawnBox } = useStore(query);
  const chosen = useStore(chosenItem);
  const pointed = useStore(pointedAt);
  const colors = useStore(theme);
  const framed = useRef(false);

  useEffect(() => {
    if (!container.current) return undefined;
    const world = new WorldMap(container.current, theme.value, {
      moved: (box) => {
        view.set(box);
        void drawings.moved(box);
      },
      pointed: (key) => pointedAt.set(key),
      picked: pick,
    });
    const drawings = new Drawings(world);
    onMap.world = world;
    onMap.drawings = drawings;
    return () => {
      onMap.world = onMap.drawings = null;
      world.remove();
    };
  }, []);

  useEffect(() => {
    const shown = withChosen(items, chosen);
    void onMap.world?.setFootprints(footprintsOf(shown));
    const box = around(shown);
    // Once: where the data is. Afterwards the person decides where to look.
    if (box && !framed.current && !chosen) onMap.world?.fit(box, true);
    framed.current ||= box !== null;
  }, [items, chosen]);

  useEffect(() => void onMap.world?.mark('chosen', chosen ? keyOf(chosen) : null), [chosen]);
  useEffect(() => void onMap.world?.mark('pointedAt', pointed), [pointed]);
  useEffect(() => void onMap.world?.setSearchBox(drawnBox), [drawnBox]);
  useEffect(() => void onMap.world?.setTheme(colors), [colors]);
  useEffect(() => {
    const box = chosen ? boxOf(chosen) : null;
    if (box) onMap.world?.fit(box);
  }, [chosen && keyOf(chosen)]);

  return <div class="map" ref={container} role="region" aria-label="Map of catalogued items" data-testid="map" />;
}

// Choosing again at the same place goes on to the footprint below.
function pick(keys: readonly string[]): void {
  if (keys.length === 0) return;
  const current = chosenItem.value ? keys.indexOf(keyOf(chosenItem.value)) : -1;
  const next = keys[(current + 1) % keys.length];
  const item = found.value.items.find((candidate) => keyOf(candidate) === next);
  if (item) openItem(item);
}

function withChosen(items: readonly Item[], chosen: Item | null): readonly Item[] {
  return chosen && !items.some((item) => keyOf(item) === keyOf(chosen)) ? [...items, chosen] : items;
}
