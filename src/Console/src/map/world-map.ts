import type { FeatureCollection } from 'geojson';
import {
  AttributionControl, Map as MapLibreMap, NavigationControl, ScaleControl, setWorkerUrl,
  type GeoJSONSource, type LayerSpecification, type MapMouseEvent, type RequestParameters,
} from 'maplibre-gl';
import workerUrl from 'maplibre-gl/dist/maplibre-gl-worker.mjs?url';
import type { Box } from '../catalogue/stac';
import { keyHeaders } from '../server/request';
import type { Theme } from '../ui/theme';
import { detailAt, loadBasemap, type Detail } from './basemap';
import { drawBox } from './box-drawing';
import { boundsOf, outline, searchBox } from './geometry';
import { mapStyle } from './map-style';
import { palette } from './palette';

// The worker is a file of this server: no script is made up at run time.
setWorkerUrl(new URL(workerUrl, document.baseURI).href);

const pickable = ['footprints-mark', 'footprints-fill', 'footprints-line'];
const pickMargin = 4;
const fitPadding = 56;
const widestFitZoom = 13;

/** What the map tells about. */
export interface MapWatcher {
  /** The person looks elsewhere now. */
  readonly moved: (box: Box) => void;
  /** The person pointed at footprints: the smallest first; none when the pointer left them. */
  readonly pointed: (key: string | null) => void;
  /** The person chose among the footprints under the pointer, the smallest first. */
  readonly picked: (keys: readonly string[]) => void;
}

/** The map: a basemap out of Natural Earth, the footprints, and whatever items are drawn between them. */
export class WorldMap {
  readonly map: MapLibreMap;
  readonly #ready: Promise<void>;
  readonly #marked = { chosen: null as string | null, pointedAt: null as string | null };
  readonly #container: HTMLElement;
  #detail: Detail | null = null;
  #drawing = 0;
  #drawsBox = false;

  constructor(container: HTMLElement, theme: Theme, watcher: MapWatcher) {
    this.#container = container;
    this.map = new MapLibreMap({
      container,
      style: mapStyle(palette(theme)),
      center: [10, 25],
      zoom: 1.3,
      minZoom: 0.5,
      maxPitch: 0,
      dragRotate: false,
      attributionControl: false,
      transformRequest,
    });
    this.map.touchZoomRotate.disableRotation();
    this.map.addControl(new NavigationControl({ showCompass: false }), 'top-right');
    this.map.addControl(new ScaleControl({ maxWidth: 110 }), 'bottom-left');
    this.map.addControl(new AttributionControl({ compact: false }), 'bottom-right');
    this.#ready = new Promise((resolve) => {
      void this.map.once('load', () => resolve());
    });
    this.#listen(watcher);
  }

  /** Runs once the map can take sources and layers. */
  async whenReady(): Promise<void> {
    await this.#ready;
  }

  async setFootprints(footprints: FeatureCollection): Promise<void> {
    await this.#ready;
    await this.#source('footprints').setData(footprints);
  }

  /** Shows the box that is searched in; null takes it away. */
  async setSearchBox(box: Box | null): Promise<void> {
    await this.#ready;
    const features = box ? [{ type: 'Feature' as const, properties: {}, geometry: outline(box) }] : [];
    await this.#source('search-box').setData({ type: 'FeatureCollection', features });
  }

  /** Lets the person drag a box; null when nothing came of it. */
  async drawBox(): Promise<Box | null> {
    await this.#ready;
    this.#drawsBox = true;
    try {
      return await drawBox(this.map);
    } finally {
      this.#drawsBox = false;
    }
  }

  /** Marks the one item that is open, or that is pointed at. */
  async mark(what: 'chosen' | 'pointedAt', key: string | null): Promise<void> {
    await this.#ready;
    const before = this.#marked[what];
    if (before === key) return;
    if (before !== null) this.map.setFeatureState({ source: 'footprints', id: before }, { [what]: false });
    if (key !== null) this.map.setFeatureState({ source: 'footprints', id: key }, { [what]: true });
    this.#marked[what] = key;
  }

  /** Moves so that the box fills the view. */
  fit(box: Box, atOnce = false): void {
    // A panel may have come or gone in this very moment.
    this.map.resize();
    const still = atOnce || window.matchMedia('(prefers-reduced-motion: reduce)').matches;
    this.map.fitBounds(boundsOf(box), { padding: fitPadding, maxZoom: widestFitZoom, animate: !still, duration: 700 });
  }

  /** Repaints in another theme's colours. */
  async setTheme(theme: Theme): Promise<void> {
    await this.#ready;
    for (const layer of mapStyle(palette(theme)).layers) this.#repaint(layer);
  }

  remove(): void {
    this.map.remove();
  }

  #repaint(layer: LayerSpecification): void {
    for (const [property, value] of Object.entries(layer.paint ?? {}))
      this.map.setPaintProperty(layer.id, property as never, value as never);
  }

  #listen(watcher: MapWatcher): void {
    const tell = (): void => {
      const bounds = this.map.getBounds();
      watcher.moved(searchBox(bounds.getWest(), bounds.getSouth(), bounds.getEast(), bounds.getNorth()));
      void this.#showDetail(detailAt(this.map.getZoom()));
    };
    // Whoever cannot see the picture is told when it is complete.
    for (const begin of ['movestart', 'dataloading'] as const) this.map.on(begin, () => this.#busy(true));
    this.map.on('idle', () => this.#busy(false));
    this.map.on('moveend', tell);
    void this.#ready.then(tell);
    this.map.on('mousemove', (event) => {
      const [first] = this.#keysAt(event);
      this.map.getCanvas().style.cursor = first === undefined ? '' : 'pointer';
      watcher.pointed(first ?? null);
    });
    this.map.on('mouseout', () => watcher.pointed(null));
    this.map.on('click', (event) => {
      if (!this.#drawsBox) watcher.picked(this.#keysAt(event));
    });
  }

  #keysAt({ point: { x, y } }: MapMouseEvent): string[] {
    if (!this.map.getLayer('footprints-fill')) return [];
    const around: [[number, number], [number, number]] =
      [[x - pickMargin, y - pickMargin], [x + pickMargin, y + pickMargin]];
    const hits = this.map.queryRenderedFeatures(around, { layers: pickable });
    // What covers half the world is meant only where its outline is.
    const meant = hits.filter((hit) => hit.layer.id !== 'footprints-fill' || hit.properties['wide'] !== true);
    return [...new Set(meant.map((hit) => String(hit.properties['key'])))];
  }

  async #showDetail(detail: Detail): Promise<void> {
    if (detail === this.#detail) return;
    const before = this.#detail;
    this.#detail = detail;
    // The first picture comes from the smallest file, whatever the zoom.
    if (before === null && detail !== 'coarse') await this.#draw('coarse');
    if (this.#detail === detail) await this.#draw(detail);
  }

  async #draw(detail: Detail): Promise<void> {
    this.#drawing++;
    this.#busy(true);
    try {
      const world = await loadBasemap(detail);
      await this.#ready;
      await Promise.all([
        this.#source('land').setData(world.land),
        this.#source('borders').setData(world.borders),
        this.#source('names').setData(world.names),
      ]);
    } finally {
      this.#drawing--;
      this.map.triggerRepaint();
    }
  }

  #busy(busy: boolean): void {
    this.#container.setAttribute('aria-busy', String(busy || this.#drawing > 0));
  }

  #source(name: string): GeoJSONSource {
    const source = this.map.getSource<GeoJSONSource>(name);
    if (!source) throw new Error(`The map has no source ${name}.`);
    return source;
  }
}

// Tiles of an organization whose reads are not open need the key too; no other origin ever sees it.
function transformRequest(url: string): RequestParameters {
  return new URL(url, document.baseURI).origin === location.origin ? { url, headers: keyHeaders() } : { url };
}
