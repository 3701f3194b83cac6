import { Store } from '../store';

export type Theme = 'light' | 'dark';

const name = 'waypost.theme';
const dark = window.matchMedia('(prefers-color-scheme: dark)');

/** The theme in use: the person's choice, else the system's. */
export const theme = new Store<Theme>(chosen() ?? (dark.matches ? 'dark' : 'light'));

/** Puts the theme on the page and keeps it there. */
export function startTheme(): void {
  apply(theme.value);
  theme.watch(apply);
  dark.addEventListener('change', () => theme.set(chosen() ?? (dark.matches ? 'dark' : 'light')));
}

/** Changes to the other theme and remembers it. */
export function toggleTheme(): void {
  const other = theme.value === 'dark' ? 'light' : 'dark';
  localStorage.setItem(name, other);
  theme.set(other);
}

function chosen(): Theme | null {
  const kept = localStorage.getItem(name);
  return kept === 'light' || kept === 'dark' ? kept : null;
}

function apply(value: Theme): void {
  document.documentElement.dataset['theme'] = value;
}
