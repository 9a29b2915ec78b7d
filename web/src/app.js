// app.js: what the portal's pages gain with script. Everything works without.
import { startCopy } from './lib/copy.js';
import { startApply } from './lib/apply.js';
import { startElder } from './lib/elder.js';
import { startExternal } from './lib/external.js';
import { startFocus } from './lib/focus.js';
import { startForms } from './lib/forms.js';
import { startSuggestions } from './lib/suggest.js';
import { startTables } from './lib/tables.js';

startForms();
startFocus();
startTables();
startCopy();
startExternal();
startSuggestions();
startElder();
startApply();

// On a phone the navigation is one row that scrolls: bring the current entry into it.
const current = document.querySelector('.site-nav [aria-current]');
if (current) current.closest('ul').scrollLeft = current.offsetLeft - 24;
