// normalize: one stage on files: a record in one form, and the way back.
#include "adapter/stages/normalize/normalize.h"

#include <sysexits.h>

#include <map>
#include <set>
#include <utility>

#include "adapter/commands/commands.h"
#include "adapter/commands/input_files.h"
#include "adapter/commands/report.h"
#include "adapter/commands/terminal_text.h"
#include "adapter/commands/workplace.h"
#include "adapter/ledger.h"
#include "adapter/stages/intake/intake.h"

namespace consultd::commands {
namespace {

using fhir::Json;

constexpr std::size_t piece_bytes = std::size_t{1} << 16;

void print_collection(const std::vector<PacketResource>& resources) {
    std::string_view before = R"({"resourceType":"Bundle","type":"collection","entry":[)";
    std::string text;
    for (const PacketResource& one : resources) {
        text.append(std::exchange(before, ",")).append(R"({"fullUrl":)");
        fhir::JsonView::print_string_to(text, one.full_url);
        text += R"(,"resource":)";
        one.resource.json().print_to(text);
        text += '}';
        if (text.size() < piece_bytes) continue;
        print_result(text);
        text.clear();
    }
    print_result(text + "]}\n");
}

// What an entry was called, and what was folded into another: beside the changes of elements, what
// it takes to give the input back.
constexpr std::string_view full_url_path = "Bundle.entry.fullUrl", entry_path = "Bundle.entry";

using BySource = std::map<std::string_view, const PulledResource*>;

BySource by_source(const Record& record) {
    BySource found;
    for (const PulledResource& one : record.resources) found.emplace(one.source, &one);
    return found;
}

Json entry_of(const std::string& full_url, const Json& resource) {
    return Json::object(
        {{"fullUrl", full_url.empty() ? Json() : Json(full_url)}, {"resource", resource}});
}

ChangeList changes_of_entries(const Record& record, const Normalized& normalized) {
    const fhir::JsonScope scope;
    const BySource pulled = by_source(record);
    ChangeList changes;
    for (const PacketResource& resource : normalized.resources) {
        const auto found = pulled.find(resource.source);
        if (found == pulled.end()) continue;
        const std::string& came = found->second->full_url;
        changes.add(resource.full_url, full_url_path, "entry.full-url",
                    came.empty() ? Json() : Json(came), resource.full_url);
    }
    for (const Normalized::Merged& merged : normalized.merged) {
        const auto found = pulled.find(merged.source);
        if (found == pulled.end()) continue;
        const PulledResource& came = *found->second;
        const Json whole = came.as_it_came.is_null() ? came.resource.json() : came.as_it_came;
        changes.add(merged.into, entry_path, merged.rule, entry_of(came.full_url, whole), Json());
    }
    return changes;
}

// What became of each resource. Corrupt: it does not balance.
Result<Ledger> ledger_of(const Record& record, Normalized& normalized, Changes wanted) {
    Ledger ledger;
    for (const PacketResource& resource : normalized.resources)
        ledger.delivered(resource.source, resource.full_url);
    for (const Normalized::Merged& merged : normalized.merged)
        ledger.merged(merged.source, merged.into, merged.rule);
    for (const RejectedResource& rejected : record.rejected)
        ledger.rejected(rejected.source, rejected.reason);
    if (wanted == Changes::Keep) ledger.add(changes_of_entries(record, normalized));
    ledger.add(std::exchange(normalized.changes, {}));
    for (const Normalized::NormalizedGap& one : normalized.gaps) ledger.gap(one.gap);
    TRY(ledger.balance(record.names()));
    return ledger;
}

// The changes in a ledger.ndjson, in their order.
Result<ChangeList> read_changes(const std::string& file) {
    TRY_ASSIGN(std::string text, read_file(file, input_bytes_max));
    TRY_ASSIGN(const std::vector<InputDocument> lines, parse_input(file, std::move(text)));
    ChangeList changes;
    for (const InputDocument& line : lines) {
        if (line.json["line"].string() != "change") continue;
        changes.add(line.json["resource"].string(), line.json["path"].string(), "undo",
                    line.json.get("before"), line.json.get("after"));
    }
    return changes;
}

// Of other resources it would take nothing back, and what stays as it is would look undone.
bool is_ledger_of(const ChangeList& changes, const std::vector<Json>& resources) {
    std::set<std::string, std::less<>> names;
    for (const Json& resource : resources)
        names.insert("urn:uuid:" + std::string(resource["id"].string()));
    for (std::size_t i = 0; i < changes.size(); ++i)
        if (names.contains(changes.view(i).resource)) return true;
    return false;
}

// Those of entries: what each resource's entry was called, and entries that were folded into one of
// these; and the other changes.
struct Entries {
    std::map<std::string, Json> full_urls;  // by the resource's name now
    std::vector<Json> merged;
    ChangeList others;
};
Entries take_entries(const ChangeList& changes, const std::vector<Json>& resources) {
    std::set<std::string, std::less<>> names;
    for (const Json& resource : resources)
        names.insert("urn:uuid:" + std::string(resource["id"].string()));
    Entries entries;
    for (const Change& change : changes) {
        if (change.path == full_url_path)
            entries.full_urls[change.resource] = change.before;
        else if (change.path != entry_path)
            entries.others.add(change.resource, change.path, change.rule, change.before,
                               change.after);
        else if (names.contains(change.resource))
            entries.merged.push_back(change.before);
    }
    return entries;
}

Error foreign_ledger() {
    return Error(ErrorKind::Malformed, "the ledger has no change of any of these resources");
}

int undo_changes(const NormalizeOptions& options, const std::vector<InputDocument>& documents) {
    const Result<ChangeList> changes = read_changes(options.undo_file);
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
    if (!is_ledger_of(*changes, resources))
        return fail("normalize", where(options.undo_file, foreign_ledger()), EX_DATAERR);
    Entries known = take_entries(*changes, resources);
    const Result<std::vector<Json>> undone = undo(resources, known.others);
    if (!undone) return fail("normalize", undone.error());
    std::vector<Json> entries = std::move(known.merged);
    for (std::size_t i = 0; i < undone->size(); ++i) {
        const std::string name = "urn:uuid:" + std::string(resources[i]["id"].string());
        entries.push_back(
            Json::object({{"fullUrl", known.full_urls[name]}, {"resource", (*undone)[i]}}));
    }
    const Json bundle = Json::object({{"resourceType", "Bundle"},
                                      {"type", "collection"},
                                      {"entry", Json::array(std::move(entries))}});
    print_result(bundle.print() + "\n");
    return EX_OK;
}

int normalize_files(const NormalizeOptions& options, Instant as_of, const config::Limits& limits) {
    Inputs inputs = read_inputs("normalize", options.inputs, limits);
    if (inputs.exit_code != EX_OK) return inputs.exit_code;
    if (!options.undo_file.empty()) return undo_changes(options, inputs.documents);
    const Result<Record> record = record_from(std::move(inputs.documents), {}, as_of, limits);
    if (!record) return fail("normalize", record.error());
    const Changes wanted = options.ledger_file.empty() ? Changes::Forget : Changes::Keep;
    Result<Normalized> normalized = consultd::normalize(*record, budget_of(limits), wanted);
    if (!normalized) return fail("normalize", normalized.error());
    if (normalized->resources.empty())
        return fail("normalize", "the input holds no FHIR resource", EX_DATAERR);
    const Result<Ledger> ledger = ledger_of(*record, *normalized, wanted);
    if (!ledger) return fail("normalize", ledger.error());
    if (!options.ledger_file.empty())
        if (const Status written = write_file(
                options.ledger_file,
                [&](const Write& write) { ledger->ndjson(record->names().size(), write); });
            !written)
            return fail("normalize", options.ledger_file + ": " + written.error().message(),
                        EX_CANTCREAT);
    for (const RejectedResource& rejected : record->rejected)
        tell("left out: " + terminal_text(rejected.source) + ": " + rejected.reason.c_str());
    print_collection(normalized->resources);
    return EX_OK;
}

}  // namespace

int normalize(const NormalizeOptions& options) {
    const auto as_of = as_of_time(options.as_of);
    if (!as_of) return fail("normalize", "--as-of must be a FHIR date or instant", EX_USAGE);
    config::Limits limits;
    if (!options.config_file.empty()) {
        const LoadedConfig loaded = load_config(options.config_file);
        if (!loaded.config) return loaded.exit_code;
        limits = loaded.config->limits;
    }
    return within_limits("normalize", limits,
                         [&] { return normalize_files(options, *as_of, limits); });
}

}  // namespace consultd::commands
