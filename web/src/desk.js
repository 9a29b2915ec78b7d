// desk.js: what the workbench's pages gain with script. Everything works without.
import { startAutosave } from './lib/autosave.js';
import { startCopy } from './lib/copy.js';
import { startFocus } from './lib/focus.js';
import { startForms } from './lib/forms.js';
import { startLive } from './lib/live.js';
import { startReplay } from './lib/replay.js';
import { startTables } from './lib/tables.js';
import { startUploads } from './lib/upload.js';

startForms();
startUploads(startAutosave());
startFocus();
startTables();
startCopy();
startReplay();
startLive();
