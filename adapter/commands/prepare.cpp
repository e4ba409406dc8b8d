// prepare, normalize, validate: the pure stages on files, without a network.
#include <sysexits.h>

#include <filesystem>

#include "adapter/commands/commands.h"
#include "adapter/commands/packet_folder.h"
#include "adapter/commands/report.h"
#include "adapter/commands/workplace.h"
#include "adapter/input.h"
#include "adapter/order.h"
#include "adapter/stages/pull/patient.h"
#include "fhir/base/crypto.h"
#include "fhir/datetime.h"
#include "fhir/r4/validate.h"

namespace consultd::commands {
namespace {

using fhir::Json;

constexpr std::size_t input_bytes_max = std::size_t{2} << 30;

// The documents of all inputs, or the exit code after the problem was told.
struct Inputs {
    std::vector<InputDocument> documents;
    int exit_code = EX_OK;
};

std::string where(const std::string& file, const Error& error) {
    std::string text = file;
    if (const auto line = error.number("line")) text += ":" + std::to_string(*line);
    return text + ": " + error.message();
}

Inputs read_inputs(std::string_view command, const std::vector<std::string>& files) {
    Inputs inputs;
    for (const std::string& file : files) {
        Result<std::string> text = read_file(file, input_bytes_max);
        if (!text) {
            inputs.exit_code =
                fail(command, where(file, text.error()), exit_code_of(text.error().kind()));
            return inputs;
        }
        Result<std::vector<InputDocument>> documents =
            parse_input(file == "-" ? "stdin" : file, std::move(*text));
        if (!documents) {
            inputs.exit_code = fail(command, where(file, documents.error()),
                                    exit_code_of(documents.error().kind()));
            return inputs;
        }
        std::move(documents->begin(), documents->end(), std::back_inserter(inputs.documents));
    }
    return inputs;
}

// --as-of, or now. The same time, record, consent and question give the same bytes.
std::optional<Instant> as_of_time(const std::string& text) {
    if (text.empty()) return SystemClock().now();
    if (const auto instant = parse_instant(text)) return instant;
    const auto date = fhir::Datetime::parse(text);
    return date ? std::optional(date->earliest()) : std::nullopt;
}

// A name for the packet that follows from what goes into it.
constexpr std::string_view packet_namespace = "6f4b2a1e-5d0c-5f0e-9a55-7c1d3c1f2f6a";

std::string packet_id(const Record& record, const Json& consent, const PrepareOptions& options,
                      Instant as_of) {
    crypto::Sha256 hash;
    for (const PulledResource& pulled : record.resources)
        hash.update(pulled.source + "\n" + pulled.resource.json().print());
    hash.update(consent.print() + "\n" + options.question + "\n" + options.specialty + "\n" +
                format_instant(as_of));
    return crypto::uuid_v5(packet_namespace, hash.finish());
}

Result<Request> request_of(const PrepareOptions& options,
                           const std::optional<config::Config>& config) {
    Request request{.question = options.question, .specialty = options.specialty};
    if (options.destination.empty()) return request;
    const auto destination = config ? config->destinations.find(options.destination)
                                    : decltype(config->destinations.end()){};
    if (!config || destination == config->destinations.end())
        return Error(ErrorKind::Config, "--destination names no destination of a configuration");
    request.destination_name = destination->second.name;
    if (destination->second.organization) {
        request.destination_system = destination->second.organization->system;
        request.destination_value = destination->second.organization->value;
    }
    return request;
}

}  // namespace

int prepare(const PrepareOptions& options) {
    LoadedConfig loaded;
    if (!options.config_file.empty()) {
        loaded = load_config(options.config_file);
        if (!loaded.config) return loaded.exit_code;
    }
    const auto as_of = as_of_time(options.as_of);
    if (!as_of) return fail("prepare", "--as-of must be a FHIR date or instant", EX_USAGE);
    if (const Status words = check_words(options.question, options.specialty); !words)
        return fail("prepare", words.error());
    Result<Request> request = request_of(options, loaded.config);
    if (!request) return fail("prepare", request.error().message(), EX_USAGE);
    Result<std::string> consent_text = read_file(options.consent_file, 1 << 20);
    if (!consent_text)
        return fail("prepare", options.consent_file + ": " + consent_text.error().message(),
                    EX_NOINPUT);
    const Result<Json> consent = Json::parse(std::move(*consent_text));
    if (!consent) return fail("prepare", where(options.consent_file, consent.error()), EX_DATAERR);

    const Inputs inputs = read_inputs("prepare", options.inputs);
    if (inputs.exit_code != EX_OK) return inputs.exit_code;
    const Result<Record> record = record_from(inputs.documents, *consent, *as_of);
    if (!record) return fail("prepare", record.error());
    request->as_of = *as_of;
    request->transfer_id = packet_id(*record, *consent, options, *as_of);
    const auto patient =
        std::find_if(record->resources.begin(), record->resources.end(),
                     [&](const auto& one) { return one.source == record->patient; });
    if (patient == record->resources.end())
        return fail("prepare", "the Patient of the input cannot be used", EX_DATAERR);
    if (!has_clinical(*record))
        return fail("prepare", "the input holds nothing clinical of the patient", EX_NOINPUT);
    const Json at_home = consent_at_home(*consent, record->patient, patient->full_url);
    const Result<Prepared> prepared = consultd::prepare(*record, at_home, *request);
    if (!prepared) return fail("prepare", prepared.error());
    if (const Status written = write_packet_folder(options.out_folder, *prepared); !written)
        return fail("prepare", written.error().message(), EX_CANTCREAT);
    tell("ledger: " + balance_line(prepared->counts));
    const std::string missing =
        missing_lines(gaps_json(prepared->input.gaps), prepared->packet.completeness);
    if (!missing.empty()) tell("missing:\n" + missing.substr(0, missing.size() - 1));
    print_result((std::filesystem::path(options.out_folder) / "packet.html").string() + "\n");
    return EX_OK;
}

namespace {

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

int validate(const std::vector<std::string>& files, bool json) {
    const Inputs inputs = read_inputs("validate", files);
    if (inputs.exit_code != EX_OK) return inputs.exit_code;
    bool any_error = false;
    std::vector<Json> items;
    for (const InputDocument& document : inputs.documents) {
        for (const fhir::r4::Finding& finding : fhir::r4::validate(document.json)) {
            const bool is_error = finding.severity == fhir::r4::Finding::Severity::Error;
            any_error = any_error || is_error;
            const std::string_view severity = is_error ? "error" : "warning";
            if (json)
                items.push_back(Json::object({{"input", document.place},
                                              {"severity", severity},
                                              {"path", finding.path},
                                              {"text", finding.text.view()}}));
            else
                print_result(document.place + ": " + std::string(severity) + ": " + finding.path +
                             ": " + finding.text.c_str() + "\n");
        }
    }
    if (json) print_result(Json::array(std::move(items)).print() + "\n");
    return any_error ? EX_DATAERR : EX_OK;
}

}  // namespace consultd::commands
