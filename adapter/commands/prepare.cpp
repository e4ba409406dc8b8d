// prepare: the pure stages on files, without a network: normalize, consent, assemble.
#include <sysexits.h>

#include <algorithm>
#include <filesystem>

#include "adapter/commands/commands.h"
#include "adapter/commands/explanation.h"
#include "adapter/commands/input_files.h"
#include "adapter/commands/packet_folder.h"
#include "adapter/commands/report.h"
#include "adapter/commands/workplace.h"
#include "adapter/order.h"
#include "adapter/stages/intake/intake.h"
#include "fhir/base/crypto.h"

namespace consultd::commands {
namespace {

using fhir::Json;

constexpr std::size_t consent_bytes_max = 1 << 20;

// A name for the packet that follows from what goes into it.
constexpr std::string_view packet_namespace = "6f4b2a1e-5d0c-5f0e-9a55-7c1d3c1f2f6a";

std::string packet_id(const Record& record, const Json& consent, const PrepareOptions& options,
                      Instant as_of, const Knowledge& knowledge) {
    crypto::Sha256 hash;
    std::string text;
    for (const PulledResource& pulled : record.resources) {
        text.assign(pulled.source).append("\n");
        pulled.resource.json().print_to(text);
        hash.update(text);
    }
    hash.update(consent.print() + "\n" + options.question + "\n" + options.specialty + "\n" +
                (options.seal_first_opinion ? "sealed\n" : "") + format_instant(as_of) + "\n" +
                knowledge.digest);
    return crypto::uuid_v5(packet_namespace, hash.finish());
}

Result<Request> request_of(const PrepareOptions& options,
                           const std::optional<config::Config>& config) {
    Request request{.question = options.question, .specialty = options.specialty};
    if (options.seal_first_opinion) request.first_opinion = FirstOpinion::Sealed;
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

// The Consent, or the exit code after the problem was told.
struct ConsentFile {
    Json json;
    int exit_code = EX_OK;
};

ConsentFile read_consent(const std::string& file) {
    Result<std::string> text = read_file(file, consent_bytes_max);
    if (!text) return {{}, fail("prepare", file + ": " + text.error().message(), EX_NOINPUT)};
    Result<Json> consent = Json::parse(std::move(*text));
    if (!consent) return {{}, fail("prepare", where(file, consent.error()), EX_DATAERR)};
    return {std::move(*consent)};
}

int hand_out(const Prepared& prepared, const std::string& explanation, const std::string& folder) {
    if (const Status written = write_packet_folder(folder, prepared); !written)
        return fail("prepare", written.error().message(), EX_CANTCREAT);
    if (!explanation.empty())
        if (const auto written = write_files(folder, {{"explain.html", explanation}}); !written)
            return fail("prepare", written.error().message(), EX_CANTCREAT);
    tell("ledger: " + balance_line(prepared.counts));
    const std::string missing =
        missing_lines(gaps_json(prepared.input.gaps), prepared.packet.completeness);
    if (!missing.empty()) tell("missing:\n" + missing.substr(0, missing.size() - 1));
    print_result((std::filesystem::path(folder) / "packet.html").string() + "\n");
    return EX_OK;
}

int prepare_files(const PrepareOptions& options, const LoadedConfig& loaded,
                  const config::Limits& limits) {
    const Knowledge knowledge = loaded.knowledge ? *loaded.knowledge : built_in_knowledge();
    const auto as_of = as_of_time(options.as_of);
    if (!as_of) return fail("prepare", "--as-of must be a FHIR date or instant", EX_USAGE);
    if (const Status words = check_words(options.question, options.specialty); !words)
        return fail("prepare", words.error());
    if (!options.specialty.empty() && !knowledge.specialties.knows(options.specialty))
        return fail("prepare", "--specialty is none of: " + knowledge.specialties.names(),
                    EX_USAGE);
    Result<Request> request = request_of(options, loaded.config);
    if (!request) return fail("prepare", request.error().message(), EX_USAGE);
    const ConsentFile consent = read_consent(options.consent_file);
    if (consent.exit_code != EX_OK) return consent.exit_code;

    Inputs inputs = read_inputs("prepare", options.inputs, limits);
    if (inputs.exit_code != EX_OK) return inputs.exit_code;
    Result<Record> record = record_from(std::move(inputs.documents), consent.json, *as_of, limits);
    if (!record) return fail("prepare", record.error());
    request->as_of = *as_of;
    request->transfer_id = packet_id(*record, consent.json, options, *as_of, knowledge);
    const auto patient =
        std::find_if(record->resources.begin(), record->resources.end(),
                     [&](const auto& one) { return one.source == record->patient; });
    if (patient == record->resources.end())
        return fail("prepare", "the Patient of the input cannot be used", EX_DATAERR);
    if (!has_clinical(*record) && !has_lost_clinical(*record))
        return fail("prepare", "the input holds nothing clinical of the patient", EX_NOINPUT);
    const Json at_home = consent_at_home(consent.json, record->patient, patient->full_url);
    Result<std::string> explanation = std::string();
    if (options.explain)
        explanation = explanation_of(*record, at_home, *request, knowledge, budget_of(limits));
    if (!explanation) return fail("prepare", explanation.error());
    const Result<Prepared> prepared =
        consultd::prepare(*std::move(record), at_home, *request, knowledge, budget_of(limits));
    if (!prepared) return fail("prepare", prepared.error());
    return hand_out(*prepared, *explanation, options.out_folder);
}

}  // namespace

int prepare(const PrepareOptions& options) {
    LoadedConfig loaded;
    if (!options.config_file.empty()) {
        loaded = load_config_and_knowledge(options.config_file);
        if (!loaded.config) return loaded.exit_code;
    }
    if (loaded.config && is_in_state(options.out_folder, *loaded.config))
        return fail("prepare", options.out_folder + ": a folder outside the state is wanted",
                    EX_USAGE);
    const config::Limits limits = loaded.config ? loaded.config->limits : config::Limits();
    return within_limits("prepare", limits, [&] { return prepare_files(options, loaded, limits); });
}

}  // namespace consultd::commands
