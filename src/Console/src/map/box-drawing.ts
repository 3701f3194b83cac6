import type { Map as MapLibreMap } from 'maplibre-gl';
import type { Box } from '../catalogue/stac';
import { searchBox } from './geometry';

const smallestPixels = 4;

/**
 * Lets the person drag a box on the map. Resolves with it; with null when the person gives up: Escape, or a click that
 * drags nothing.
 */
export function drawBox(map: MapLibreMap): Promise<Box | null> {
  const canvas = map.getCanvasContainer();
  const rubber = document.createElement('div');
  rubber.className = 'rubber-box';
  let from: readonly [number, number] | null = null;
  map.dragPan.disable();
  canvas.classList.add('drawing');

  return new Promise((resolve) => {
    const leaving = new AbortController();
    const done = (box: Box | null): void => {
      leaving.abort();
      rubber.remove();
      canvas.classList.remove('drawing');
      map.dragPan.enable();
      resolve(box);
    };
    const place = (event: PointerEvent): readonly [number, number] => {
      const frame = canvas.getBoundingClientRect();
      return [event.clientX - frame.left, event.clientY - frame.top];
    };
    const listen = { signal: leaving.signal };
    canvas.addEventListener('pointerdown', (event) => {
      from = place(event);
      canvas.setPointerCapture(event.pointerId);
      canvas.append(rubber);
    }, listen);
    canvas.addEventListener('pointermove', (event) => {
      if (from) stretch(rubber, from, place(event));
    }, listen);
    canvas.addEventListener('pointerup', (event) => {
      const to = place(event);
      done(from && isDrawn(from, to) ? boxBetween(map, from, to) : null);
    }, listen);
    window.addEventListener('keydown', (event) => {
      if (event.key === 'Escape') done(null);
    }, listen);
  });
}

function isDrawn(from: readonly [number, number], to: readonly [number, number]): boolean {
  return Math.abs(to[0] - from[0]) >= smallestPixels && Math.abs(to[1] - from[1]) >= smallestPixels;
}

function stretch(rubber: HTMLElement, from: readonly [number, number], to: readonly [number, number]): void {
  rubber.style.left = `${Math.min(from[0], to[0])}px`;
  rubber.style.top = `${Math.min(from[1], to[1])}px`;
  rubber.style.width = `${Math.abs(to[0] - from[0])}px`;
  rubber.style.height = `${Math.abs(to[1] - from[1])}px`;
}

function boxBetween(map: MapLibreMap, from: readonly [number, number], to: readonly [number, number]): Box {
  const one = map.unproject([Math.min(from[0], to[0]), Math.max(from[1], to[1])]);
  const other = map.unproject([Math.max(from[0], to[0]), Math.min(from[1], to[1])]);
  return searchBox(one.lng, one.lat, other.lng, other.lat);
}
