import { render } from 'preact';
import 'maplibre-gl/dist/maplibre-gl.css';
import './styles/theme.css';
import './styles/layout.css';
import './styles/controls.css';
import './styles/catalogue.css';
import './styles/jobs.css';
import { App } from './app';
import { startTheme } from './ui/theme';

startTheme();
const root = document.getElementById('console');
if (!root) throw new Error('The page has no element with the id "console".');
render(<App />, root);
