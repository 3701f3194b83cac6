import { count } from '../format';
import { onMap } from '../map/map-view';
import type { Drawn } from '../map/drawings';
import { view } from './search';
import type { Drawing, Item } from './stac';

/** Puts the item's tiles or features on the map, and takes them off again. */
export function DrawSwitch({ item, drawing, shown }: { item: Item; drawing: Drawing; shown: Drawn | null }) {
  const what = drawing.kind === 'tiles' ? 'Show tiles on the map' : 'Show features on the map';
  const toggle = (on: boolean): void => {
    if (on) void onMap.drawings?.show(item, drawing, view.value);
    else onMap.drawings?.hide(item);
  };
  return (
    <div class="draw">
      <label class="switch">
        <input type="checkbox" role="switch" checked={shown !== null} data-testid="draw-switch"
          onInput={(event) => toggle(event.currentTarget.checked)} />
        <span>{what}</span>
      </label>
      {shown && (
        <label class="slider">
          <span>Opacity</span>
          <input type="range" min={0} max={100} step={5} value={Math.round(shown.opacity * 100)}
            onInput={(event) => onMap.drawings?.setOpacity(item, Number(event.currentTarget.value) / 100)} />
        </label>
      )}
      {shown?.loading && <p class="quiet" role="status">Reading…</p>}
      {shown?.features && (
        <p class="quiet" role="status">
          {count(shown.features.drawn)} features in this view{shown.features.more ? '; zoom in to see the others' : ''}
        </p>
      )}
    </div>
  );
}
