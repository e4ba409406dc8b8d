#include "adapter/prepare.h"

#include <algorithm>
#include <functional>
#include <map>
#include <set>
#include <unordered_set>
#include <utility>

#include "adapter/stages/document/document.h"
#include "fhir/r4/facts.h"

namespace consultd {
namespace {

using fhir::Json;

const PacketResource* find_source(const std::vector<PacketResource>& resources,
                                  const std::string& source) {
    const auto found = std::find_if(resources.begin(), resources.end(),
                                    [&](const PacketResource& r) { return r.source == source; });
    return found == resources.end() ? nullptr : &*found;
}

// One line for each pulled resource: what became of it.
void write_outcomes(const Record& record, const Normalized& normalized, const Consented& consented,
                    Ledger& ledger) {
    std::unordered_set<std::string_view> kept_urls;
    for (std::size_t i = 0; i < consented.resources.size(); ++i) {
        const PacketResource& resource = consented.resources[i];
        ledger.delivered(resource.source, resource.full_url, consented.why_kept[i]);
        kept_urls.insert(resource.full_url);
    }
    for (const Consented::Withheld& withheld : consented.withheld)
        ledger.withheld(withheld.source, withheld.reason, withheld.why);
    for (const Normalized::Merged& merged : normalized.merged) {
        // A copy of what is withheld is withheld: the ledger must not point at what is not there.
        if (kept_urls.contains(merged.into))
            ledger.merged(merged.source, merged.into, merged.rule);
        else
            ledger.withheld(merged.source, "duplicate-of-withheld");
    }
    for (const RejectedResource& rejected : record.rejected)
        ledger.rejected(rejected.source, rejected.reason);
}

// What `what` names first: "Observation/7" of "Observation/7 attachment 1".
std::string_view first_name(std::string_view what) { return what.substr(0, what.find(' ')); }

// "Condition/7" and no search; who and where may be told.
bool names_a_resource(std::string_view name) {
    if (name.starts_with("urn:")) return true;
    const std::size_t slash = name.find('/');
    if (slash == name.npos || name.find('?') != name.npos) return false;
    const fhir::r4::Facts* facts = fhir::r4::find_facts(name.substr(0, slash));
    return !facts || !facts->is_shared();
}

// What a rule might have withheld, had it been pulled, is told by count.
std::vector<Gap> without_names_of_unpulled(std::vector<Gap> gaps, const Consented& consented) {
    std::set<std::string_view> kept;
    for (const PacketResource& resource : consented.resources) {
        kept.insert(resource.source);
        kept.insert(resource.copies.begin(), resource.copies.end());
    }
    std::vector<Gap> told;
    std::map<std::string_view, std::pair<StaticText, std::size_t>> counts;
    for (Gap& gap : gaps) {
        const std::string_view name = first_name(gap.what);
        if (names_a_resource(name) && !kept.contains(name))
            ++counts.try_emplace(gap.reason.view(), gap.reason, 0).first->second.second;
        else
            told.push_back(std::move(gap));
    }
    for (const auto& [text, one] : counts)
        told.push_back({entries_of_the_record(one.second), one.first});
    return told;
}

using TypeMayBeTold = std::function<bool(std::string_view)>;

// Of what came and could not be kept: by type where that may be told, else by number. `lost` has
// what the record calls them.
std::vector<Gap> gaps_of_lost(const Record& record, const TypeMayBeTold& may_be_told,
                              std::set<std::string>& lost) {
    std::vector<Gap> gaps;
    std::vector<LostGap> untold;
    for (const LostGap& one : lost_by_type(record)) {
        lost.insert(one.gap().what);
        if (!one.type.empty() && may_be_told(one.type))
            gaps.push_back(one.gap());
        else
            untold.push_back(one);
    }
    for (const LostGap& one : of_any_type(untold)) gaps.push_back(one.gap());
    return gaps;
}

// The gaps that may be told: none of a withheld resource, neither by its name nor by what only it
// refers to (promise 3).
std::vector<Gap> gaps_to_tell(const Record& record, const Normalized& normalized,
                              const Consented& consented, const TypeMayBeTold& may_be_told) {
    std::set<std::string_view> kept, withheld;
    for (const PacketResource& resource : consented.resources) kept.insert(resource.full_url);
    for (const Consented::Withheld& one : consented.withheld) withheld.insert(one.source);
    for (const Normalized::Merged& merged : normalized.merged)
        if (!kept.contains(merged.into)) withheld.insert(merged.source);
    std::set<std::string_view> told, hidden;
    for (const Normalized::NormalizedGap& one : normalized.gaps)
        if (std::none_of(one.from.begin(), one.from.end(),
                         [&](const std::string& url) { return kept.contains(url); }))
            hidden.insert(one.gap.what);
    std::set<std::string> lost;
    std::vector<Gap> gaps = gaps_of_lost(record, may_be_told, lost);
    for (const Gap& gap : record.gaps) {
        if (hidden.contains(gap.what) || withheld.contains(first_name(gap.what)) ||
            lost.contains(gap.what))
            continue;
        told.insert(gap.what);
        gaps.push_back(gap);
    }
    for (const Normalized::NormalizedGap& one : normalized.gaps)
        if (!hidden.contains(one.gap.what) && !withheld.contains(first_name(one.gap.what)) &&
            told.insert(one.gap.what).second)
            gaps.push_back(one.gap);
    return consented.hides_unpulled ? without_names_of_unpulled(std::move(gaps), consented) : gaps;
}

// What the consultant is to read later is told by type, so that nobody takes it for not found.
void add_gaps_of_sealed(const Consented& consented, std::vector<Gap>& gaps) {
    std::map<std::string_view, std::size_t> counts;
    for (const Consented::Withheld& one : consented.withheld)
        if (one.reason == "first-opinion-sealed") ++counts[one.resource.type()];
    for (const auto& [type, count] : counts)
        gaps.push_back(LostGap{std::string(type), count, "first-opinion-sealed"}.gap());
}

// Those that the page may show: where references and ids now lead, it shows by itself.
std::vector<Change> changes_to_show(const ChangeList& normalized) {
    std::vector<Change> out;
    for (std::size_t i = 0; i < normalized.size(); ++i) {
        const std::string_view rule = normalized.view(i).rule.view();
        if (rule != "reference.urn" && rule != "id.uuid") out.push_back(normalized[i]);
    }
    return out;
}

std::string make_manifest(const Record& record, const Request& request,
                          const Knowledge& knowledge) {
    const fhir::JsonScope scope;
    std::vector<Json> resources;
    resources.reserve(record.resources.size());
    for (const PulledResource& pulled : record.resources)
        resources.push_back(Json::object(
            {{"source", pulled.source},
             {"versionId", pulled.resource.version_id()},
             {"lastUpdated", pulled.resource.json().at("meta", "lastUpdated").string()}}));
    return Json::object({{"transfer", request.transfer_id},
                         {"source", request.source_name},
                         {"knowledge", Json::object({{"version", knowledge.version},
                                                     {"sha256", knowledge.digest}})},
                         {"pulledAt", format_instant(record.pulled_at)},
                         {"complete", Json(record.gaps.empty())},
                         {"gaps", gaps_json(record.gaps)},
                         {"types", proofs_json(record.types)},
                         {"resources", Json::array(std::move(resources))}})
               .print_pretty() +
           "\n";
}

}  // namespace

Json consent_at_home(const Json& consent, const std::string& patient,
                     const std::string& also_known_as) {
    const std::string_view named = consent.at("patient", "reference").string();
    if (named.empty() || also_known_as.empty() || named != also_known_as) return consent;
    return consent.with("patient", consent.get("patient").with("reference", patient));
}

fhir::JsonLimits packet_limits() { return {.bytes_max = std::size_t{3} << 30, .depth_max = 128}; }

Result<Packet> restore_packet(std::string bundle_text, std::string html) {
    Packet packet;
    packet.bundle_text = std::move(bundle_text);
    packet.bundle_bytes = packet.bundle_text.size();
    packet.html = std::move(html);
    Result<Json> bundle = Json::parse(packet.bundle_text, packet_limits());
    if (!bundle) return Error(ErrorKind::Corrupt, "the stored packet is not JSON");
    packet.bundle = std::move(*bundle);
    return packet;
}

Result<PacketInput> restore_input(const Packet& packet, const Request& request) {
    PacketInput input{.request = request};
    for (const fhir::JsonView& entry : packet.bundle["entry"].items()) {
        Result<fhir::Resource> resource =
            fhir::Resource::from(packet.bundle.share(entry["resource"]));
        if (!resource) return Error(ErrorKind::Corrupt, "the stored packet holds no FHIR resource");
        if (resource->type() == "Composition" && input.patient.empty()) {
            input.patient = resource->json().at("subject", "reference").string();
            continue;
        }
        const std::string url(entry["fullUrl"].string());
        if (is_only_of_document(request, url)) continue;
        input.resources.push_back({url, url, std::move(*resource)});
    }
    if (input.patient.empty())
        return Error(ErrorKind::Corrupt, "the stored packet has no Composition");
    return input;
}

Status check_stored(const Json& consent, const Request& request, const std::string& patient,
                    std::string bundle_text, std::string_view ledger, Instant now,
                    const Sensitivity& sensitivity, const Budget& budget) {
    TRY_ASSIGN(const Packet packet, restore_packet(std::move(bundle_text), {}));
    TRY_ASSIGN(PacketInput input, restore_input(packet, request));
    // A rule may be on a resource by the name that the source has for it.
    std::map<std::string, std::string, std::less<>> sources;
    while (!ledger.empty()) {
        const std::string_view text = ledger.substr(0, ledger.find('\n'));
        ledger.remove_prefix(std::min(text.size() + 1, ledger.size()));
        if (!text.starts_with(R"({"line":"resource")")) continue;
        TRY_ASSIGN(const Json line, Json::parse(std::string(text)));
        if (line["outcome"].string() == "delivered")
            sources.emplace(line["as"].string(), line["source"].string());
    }
    for (PacketResource& one : input.resources)
        if (const auto found = sources.find(one.full_url); found != sources.end())
            one.source = found->second;
    return check_outcome(consent, request, patient, input.resources, now, sensitivity, budget);
}

Json gaps_json(const std::vector<Gap>& gaps) {
    std::vector<Json> items;
    for (const Gap& gap : gaps)
        items.push_back(Json::object({{"what", gap.what}, {"reason", gap.reason.view()}}));
    return Json::array(std::move(items));
}

Json counts_json(const LedgerCounts& counts) {
    const auto number = [](std::uint64_t value) { return Json(static_cast<std::int64_t>(value)); };
    return Json::object({{"pulled", number(counts.pulled)},
                         {"delivered", number(counts.delivered)},
                         {"merged", number(counts.merged)},
                         {"withheld", number(counts.withheld)},
                         {"rejected", number(counts.rejected)}});
}

Result<Prepared> prepare(Record record, const Json& consent, const Request& request,
                         const Knowledge& knowledge, const Budget& budget) {
    TRY(check_consent(consent, request, record.patient, request.as_of));
    TRY_ASSIGN(Normalized normalized, normalize(record, budget));
    Prepared prepared;
    prepared.manifest = make_manifest(record, request, knowledge);
    std::vector<std::string> pulled = record.take_names();
    TRY_ASSIGN(Consented consented,
               apply_consent(consent, request, record.patient, std::move(normalized.resources),
                             request.as_of, knowledge.sensitivity, budget));

    write_outcomes(record, normalized, consented, prepared.ledger);
    TRY(prepared.ledger.balance({pulled.begin(), pulled.end()}));
    prepared.counts = prepared.ledger.counts(pulled.size());
    pulled = std::vector<std::string>();

    const PacketResource* patient = find_source(consented.resources, record.patient);
    if (!patient) return Error(ErrorKind::Denied, "the consent does not let the Patient be shared");
    std::vector<Gap> gaps = gaps_to_tell(record, normalized, consented, [&](std::string_view type) {
        return may_be_told(consent, request, record.patient, knowledge.sensitivity, type);
    });
    add_gaps_of_sealed(consented, gaps);
    prepared.input = {
        .request = request,
        .consent = {.given = std::string(consent["dateTime"].string()),
                    .until = std::string(consent["provision"].at("period", "end").string())},
        .patient = patient->full_url,
        .gaps = std::move(gaps),
        .is_from_files = record.types.empty(),
        .counts = prepared.counts,
        .changes_before = normalized.changes.size() + consented.changes.size()};
    PacketInput input = prepared.input;
    input.normalized = changes_to_show(normalized.changes);
    prepared.ledger.add(std::exchange(normalized, {}).changes);
    prepared.ledger.add(std::exchange(consented.changes, {}));
    input.resources = std::exchange(consented, {}).resources;
    TRY_ASSIGN(prepared.packet, assemble(std::move(input), knowledge, budget));

    prepared.ledger.add(std::exchange(prepared.packet.changes, {}));
    for (const Gap& gap : prepared.input.gaps) prepared.ledger.gap(gap);
    return prepared;
}

}  // namespace consultd
