// VitePress' own theme, with tables that fit.

import theme from 'vitepress/theme';
import './tables.css';

// VitePress reads the default export of this file, and of no other name.
export default theme;
