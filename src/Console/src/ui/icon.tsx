const paths = {
  back: 'M15 5l-7 7 7 7',
  check: 'M5 12.500l4.500 4.500L19 7.500',
  close: 'M6 6l12 12M18 6L6 18',
  copy: 'M9 9h10v11H9zM5 15V4h10',
  download: 'M12 4v11m-4.500-4.500L12 15l4.500-4.500M5 20h14',
  external: 'M14 5h5v5M19 5l-8 8M17 14v5H5V7h5',
  focus: 'M4 9V4h5M20 9V4h-5M4 15v5h5M20 15v5h-5',
  key: 'M8 12.500a3.500 3.500 0 1 0 0 7 3.500 3.500 0 0 0 0-7zM10.500 13.500L19 5m-3.500 3.500L18 11m-5-.500l2 2',
  layers: 'M12 4l9 5-9 5-9-5zM4 14l8 4.500 8-4.500',
  moon: 'M20 14.500A8.500 8.500 0 0 1 9.500 4 8.500 8.500 0 1 0 20 14.500z',
  search: 'M10.500 4a6.500 6.500 0 1 0 0 13 6.500 6.500 0 0 0 0-13zM15.500 15.500L20 20',
  sun: 'M12 8a4 4 0 1 0 0 8 4 4 0 0 0 0-8zM12 2.5v2M12 19.5v2M2.5 12h2M19.5 12h2'
    + 'M5.3 5.3l1.4 1.4M17.3 17.3l1.4 1.4M5.3 18.7l1.4-1.4M17.3 6.7l1.4-1.4',
  warning: 'M12 4l9 16H3zM12 10v4.500M12 17.200v.3',
} as const;

export type IconName = keyof typeof paths;

/** A line drawing; it decorates a text or a labelled button and says nothing by itself. */
export function Icon({ name }: { name: IconName }) {
  return (
    <svg class="icon" viewBox="0 0 24 24" aria-hidden="true" focusable="false">
      <path d={paths[name]} fill="none" stroke="currentColor" stroke-width="1.8"
        stroke-linecap="round" stroke-linejoin="round" />
    </svg>
  );
}
