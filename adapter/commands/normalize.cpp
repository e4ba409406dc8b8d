// normalize: one stage on files: a record in one form, and the way back.
#include "adapter/stages/normalize/normalize.h"

#include <sysexits.h>

#include "adapter/commands/commands.h"
#include "adapter/commands/input_files.h"
#include "adapter/commands/report.h"
#include "adapter/commands/workplace.h"
#include "adapter/ledger.h"
#include "adapter/stages/intake/intake.h"

namespace consultd::commands {
namespace {

using fhir::Json;

Json collection_of(const std::vector<PacketResource>& resources) {
    std::vector<Json> entries;
    for (const PacketResource& resource : resources)
        entries.push_back(
            Json::object({{"fullUrl", resource.full_url}, {"resource", resource.resource.json()}}));
    Json bundle = Json::object({{"resourceType", "Bundle"}, {"type", "collection"}});
    return entries.empty() ? bundle : bundle.with("entry", Json::array(std::move(entries)));
}

std::string change_lines(const Record& record, const Normalized& normalized, Status& status) {
    Ledger ledger;
    for (const PacketResource& resource : normalized.resources)
        if (Status added = ledger.delivered(resource.source, resource.full_url); !added)
            status = added;
    for (const Normalized::Merged& merged : normalized.merged)
        if (Status added = ledger.merged(merged.source, merged.into, merged.rule); !added)
            status = added;
    for (const RejectedResource& rejected : record.rejected)
        if (Status added = ledger.rejected(rejected.source, rejected.reason); !added)
            status = added;
    for (const Change& change : normalized.changes) ledger.change(change);
    for (const Normalized::NormalizedGap& one : normalized.gaps) ledger.gap(one.gap);
    const auto names = record.names();
    if (const Status balanced = ledger.balance(names); !balanced) status = balanced;
    return ledger.ndjson(names.size());
}

// The changes in a ledger.ndjson, in their order.
Result<std::vector<Change>> read_changes(const std::string& file) {
    TRY_ASSIGN(std::string text, read_file(file, input_bytes_max));
    TRY_ASSIGN(const std::vector<InputDocument> lines, parse_input(file, std::move(text)));
    std::vector<Change> changes;
    for (const InputDocument& line : lines) {
        if (line.json["line"].string() != "change") continue;
        changes.push_back({std::string(line.json["resource"].string()),
                           std::string(line.json["path"].string()), "undo", line.json.get("before"),
                           line.json.get("after")});
    }
    return changes;
}

int undo_changes(const NormalizeOptions& options, const std::vector<InputDocument>& documents) {
    const Result<std::vector<Change>> changes = read_changes(options.undo_file);
    if (!changes)
        return fail("normalize", where(options.undo_file, changes.error()),
                    exit_code_of(changes.error().kind()));
    std::vector<Json> resources;
    for (const InputDocument& document : documents) {
        if (document.json["resourceType"].string() != "Bundle") {
            resources.push_back(document.json);
            continue;
        }
        for (const fhir::JsonView& entry : document.json["entry"].items())
            resources.push_back(document.json.share(entry["resource"]));
    }
    const Result<std::vector<Json>> undone = undo(resources, *changes);
    if (!undone) return fail("normalize", undone.error());
    std::vector<Json> entries;
    for (const Json& resource : *undone) entries.push_back(Json::object({{"resource", resource}}));
    const Json bundle = Json::object({{"resourceType", "Bundle"},
                                      {"type", "collection"},
                                      {"entry", Json::array(std::move(entries))}});
    print_result(bundle.print() + "\n");
    return EX_OK;
}

}  // namespace

int normalize(const NormalizeOptions& options) {
    const auto as_of = as_of_time(options.as_of);
    if (!as_of) return fail("normalize", "--as-of must be a FHIR date or instant", EX_USAGE);
    if (!options.config_file.empty())
        if (const LoadedConfig loaded = load_config(options.config_file); !loaded.config)
            return loaded.exit_code;
    const Inputs inputs = read_inputs("normalize", options.inputs);
    if (inputs.exit_code != EX_OK) return inputs.exit_code;
    if (!options.undo_file.empty()) return undo_changes(options, inputs.documents);
    const Result<Record> record = record_from(inputs.documents, {}, *as_of);
    if (!record) return fail("normalize", record.error());
    const Result<Normalized> normalized = consultd::normalize(*record);
    if (!normalized) return fail("normalize", normalized.error());
    if (normalized->resources.empty())
        return fail("normalize", "the input holds no FHIR resource", EX_DATAERR);
    Status status;
    const std::string ledger = change_lines(*record, *normalized, status);
    if (!status) return fail("normalize", status.error());
    if (!options.ledger_file.empty())
        if (const Status written = write_file(options.ledger_file, ledger); !written)
            return fail("normalize", options.ledger_file + ": " + written.error().message(),
                        EX_CANTCREAT);
    for (const RejectedResource& rejected : record->rejected)
        tell("left out: " + rejected.source + ": " + rejected.reason.c_str());
    print_result(collection_of(normalized->resources).print() + "\n");
    return EX_OK;
}

}  // namespace consultd::commands
