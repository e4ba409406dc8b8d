#include "adapter/stages/document/document.h"

#include <algorithm>
#include <set>
#include <unordered_set>

#include "adapter/stages/document/corrections.h"
#include "adapter/stages/document/forms.h"
#include "adapter/stages/document/narratives.h"
#include "adapter/stages/document/profiles.h"
#include "adapter/stages/document/section_text.h"
#include "adapter/stages/reading/empty_list.h"
#include "adapter/stages/reading/gap_words.h"
#include "adapter/stages/reading/part2.h"
#include "adapter/stages/reading/within.h"
#include "fhir/base/crypto.h"
#include "fhir/datetime.h"
#include "fhir/narrative.h"

namespace consultd {
namespace {

using fhir::Json;

constexpr std::string_view absent_unknown =
    "http://hl7.org/fhir/uv/ips/CodeSystem/absent-unknown-uv-ips";

std::string ips_profile(std::string_view name) {
    return "http://hl7.org/fhir/uv/ips/StructureDefinition/" + std::string(name) + "-uv-ips";
}
Json profiles(std::string_view name) {
    return Json::object({{"profile", Json::array({Json(ips_profile(name))})}});
}
std::string own_id(const Request& request, std::string_view name) {
    return crypto::uuid_v5(request.transfer_id, name);
}
Json reference_to(std::string_view url) { return Json::object({{"reference", url}}); }
Json coding_of(std::string_view system, std::string_view code, std::string_view display) {
    return Json::object(
        {{"coding", Json::array({Json::object(
                        {{"system", system}, {"code", code}, {"display", display}})})}});
}
constexpr std::string_view confidentiality =
    "http://terminology.hl7.org/CodeSystem/v3-Confidentiality";

// As confidential as the most confidential of what is in it.
// https://hl7.org/fhir/R4/security-labels.html#hwm
std::string high_water_of(std::span<const PacketResource> resources) {
    constexpr std::string_view levels = "ULMNRV";
    std::size_t highest = levels.find('N');
    for (const PacketResource& one : resources)
        for (const fhir::JsonView label : one.resource.json().at("meta", "security").items()) {
            const std::string_view code = label["code"].string();
            const std::size_t level = code.size() == 1 ? levels.find(code) : levels.npos;
            if (level != levels.npos && label["system"].string() == confidentiality)
                highest = std::max(highest, level);
        }
    return std::string(levels.substr(highest, 1));
}

// The mark, and what of the labels of what is in it holds for the whole: that a part of it is under
// 42 CFR Part 2, and must not be disclosed again without consent.
Json labels_of(std::string_view high_water, bool is_under_law) {
    constexpr std::string_view act_code = "http://terminology.hl7.org/CodeSystem/v3-ActCode";
    std::vector<Json> labels{Json::object({{"system", confidentiality}, {"code", high_water}})};
    if (is_under_law)
        for (const std::string_view code : {"42CFRPart2", "NORDSCLCD"})
            labels.push_back(Json::object({{"system", act_code}, {"code", code}}));
    return Json::array(std::move(labels));
}

constexpr std::string_view loinc = "http://loinc.org";
// https://loinc.org/57017-6: of R4's own value set of what a consent is about.
constexpr std::string_view notice_code = "57017-6";

// What has to go with what is under 42 CFR Part 2, with what it covers (§ 2.32).
Json notice_section(const std::string& notice, const PacketInput& input,
                    const std::vector<const Statement*>& covered) {
    std::vector<Json> references;
    for (const Statement* one : covered) references.push_back(reference_to(one->record->full_url));
    return Json::object(
        {{"title", "Notice: records under 42 CFR Part 2"},
         {"code", coding_of(loinc, notice_code, "Privacy policy Organization Document")},
         {"text", notice_text(notice, consent_scope_words(input), covered)},
         {"entry", Json::array(std::move(references))}});
}

Json entry_of(std::string_view url, const Json& resource) {
    return Json::object({{"fullUrl", url}, {"resource", resource}});
}

// One that says, in the standard's words, that the record says nothing: never that there is
// nothing, but where a list of the source's own says so.
struct NoInformation {
    StaticText code, display, known_code, known_display, type, subject, clinical_system;
};
constexpr NoInformation no_information[] = {
    {"no-problem-info", "No information about problems", "no-known-problems", "No known problems",
     "Condition", "subject", "http://terminology.hl7.org/CodeSystem/condition-clinical"},
    {"no-allergy-info", "No information about allergies", "no-known-allergies",
     "No known allergies", "AllergyIntolerance", "patient",
     "http://terminology.hl7.org/CodeSystem/allergyintolerance-clinical"},
    {"no-medication-info", "No information about medications", "no-known-medications",
     "No known medications", "MedicationStatement", "subject", ""},
};

Json make_no_information(const NoInformation& row, bool is_nil, const PacketInput& input,
                         std::string_view id) {
    const Json code =
        is_nil ? coding_of(absent_unknown, row.known_code.view(), row.known_display.view())
               : coding_of(absent_unknown, row.code.view(), row.display.view());
    const bool is_statement = row.clinical_system.view().empty();
    Json out = Json::object(
        {{"resourceType", row.type.view()}, {"id", id}, {"meta", profiles(row.type.view())}});
    if (is_statement)
        out = out.with("status", "unknown").with("medicationCodeableConcept", code);
    else
        out = out.with("clinicalStatus",
                       Json::object({{"coding", Json::array({Json::object(
                                                    {{"system", row.clinical_system.view()},
                                                     {"code", "active"}})})}}))
                  .with("code", code);
    out = out.with(row.subject.view(), reference_to(input.patient));
    return is_statement ? out.with("_effectiveDateTime", absent_element()) : out;
}

constexpr std::string_view author_id = "author";

// Who put the document together, and by which knowledge. Contained in the Composition: it is no
// Device of the patient's, which is what a Device of an IPS is taken for.
Json make_author(const Knowledge& knowledge) {
    return Json::object(
        {{"resourceType", "Device"},
         {"id", author_id},
         {"deviceName",
          Json::array({Json::object({{"name", "consultd"}, {"type", "user-friendly-name"}})})},
         {"type", Json::object({{"text", "software that assembles records for a second opinion"}})},
         {"version", Json::array({Json::object(
                         {{"type", Json::object({{"text", "knowledge"}})},
                          {"value", knowledge.version + " sha256:" + knowledge.digest}})})}});
}

// The span the record covers, in days where all dates have days, else in years.
Json covered_period(const Reading& reading) {
    std::optional<fhir::Datetime> first, last;
    for (const Statement& one : reading.all()) {
        const auto date = fhir::Datetime::parse(one.when.date);
        if (!one.is_dated() || one.resource().type() == "Patient") continue;
        if (!first || date->earliest() < first->earliest()) first = date;
        if (!last || date->earliest() > last->earliest()) last = date;
    }
    if (!first) return {};
    const std::size_t length = first->day() > 0 && last->day() > 0 ? 10 : 4;
    return Json::object(
        {{"start", first->text().substr(0, length)}, {"end", last->text().substr(0, length)}});
}

class DocumentBuilder {
public:
    DocumentBuilder(const PacketInput& input, const Reading& reading, const Mended& mended,
                    const Knowledge& knowledge)
        : input_(input),
          reading_(reading),
          resources_(reading.resources()),
          mended_(mended),
          knowledge_(knowledge),
          index_(reading.index()),
          specimens_(reading),
          high_water_(high_water_of(resources_)),
          under_part2_(under_part2(reading)) {}

    Json build() {
        if (!under_part2_.empty())
            section_json_.push_back(notice_section(knowledge_.part2_notice, input_, under_part2_));
        sections_ = sort_into_sections(reading_);
        for (const Section& section : sections_) add_section(section);
        add_last_section();

        const std::string composition_id = own_id(input_.request, "composition");
        std::vector<Json> entries;
        entries.push_back(entry_of("urn:uuid:" + composition_id, composition(composition_id)));
        entries.push_back(entry_of(input_.patient, as_it_goes(*index_.find(input_.patient))));
        entries.insert(entries.end(), added_entries_.begin(), added_entries_.end());
        for (const PacketResource* one : sorted())
            entries.push_back(entry_of(one->full_url, as_it_goes(*one)));
        return Json::object(
            {{"resourceType", "Bundle"},
             {"id", own_id(input_.request, "bundle")},
             {"meta", profiles("Bundle")
                          .with("lastUpdated", format_instant(input_.request.as_of))
                          .with("security", labels_of(high_water_, !under_part2_.empty()))},
             {"identifier", Json::object({{"system", "urn:ietf:rfc:3986"},
                                          {"value", document_identifier(input_.request)}})},
             {"type", "document"},
             {"timestamp", format_instant(input_.request.as_of)},
             {"entry", Json::array(std::move(entries))}});
    }

private:
    // What people read is read from what the source said; what goes into the Bundle is R4.
    const Json& as_it_goes(const PacketResource& one) const {
        const auto found = mended_.find(one.full_url);
        return found == mended_.end() ? one.resource.json() : found->second;
    }

    void add_section(const Section& section) {
        if (!section.entries.empty()) {
            std::vector<Json> references;
            std::unordered_set<std::string_view> named;
            for (const Statement* one : section.entries)
                if (const std::string_view url = url_of_owner(one->record->full_url);
                    named.insert(url).second)
                    references.push_back(reference_to(url));
            push_section(*section.row, section_text(section, specimens_), std::move(references));
            return;
        }
        for (const NoInformation& row : no_information) {
            if (row.code.view() != section.row->required_code.view()) continue;
            const std::string id = own_id(input_.request, row.code.view());
            const std::string url = "urn:uuid:" + id;
            const auto list = empty_list_of(reading_, row.type.view());
            const bool is_nil = list && list->is_nil && !is_lost(row);
            added_entries_.push_back(entry_of(url, make_no_information(row, is_nil, input_, id)));
            // That something was not handed over is not the same as that nothing is said.
            std::string said = is_nil         ? std::string(row.known_display.view())
                               : is_lost(row) ? "Not available: not all of the record could be "
                                                "read or was handed over."
                                              : std::string(row.display.view());
            if (list) said += ". The record's own list says: " + list->words + '.';
            push_section(*section.row, no_information_text(said), {reference_to(url)});
        }
    }

    // What no section takes and nothing in the document leads to.
    void add_last_section() {
        Section last{&additional_section(), {}};
        const std::unordered_set<std::string_view> reached = reachable();
        std::unordered_set<const Statement*> taken;
        for (const Statement* one : kept_out(reading_, sections_))
            if (taken.insert(one).second) last.entries.push_back(one);
        for (const Statement& one : reading_.all())
            if (!reached.contains(one.record->full_url) && taken.insert(&one).second)
                last.entries.push_back(&one);
        sort_newest_first(last.entries);
        // Newest first within a type, so that the table reads.
        std::stable_sort(last.entries.begin(), last.entries.end(), [](auto* left, auto* right) {
            return left->resource().type() < right->resource().type();
        });
        if (!last.entries.empty()) add_section(last);
    }

    bool is_lost(const NoInformation& row) const {
        return std::ranges::any_of(input_.gaps, [&](const Gap& gap) {
            return is_unnamed(gap) || gap.what.starts_with(row.type.view());
        });
    }

    std::unordered_set<std::string_view> reachable() const {
        std::unordered_set<std::string_view> reached{input_.patient};
        std::vector<const PacketResource*> open{index_.find(input_.patient)};
        const auto reach = [&](const PacketResource* one) {
            if (one && reached.insert(one->full_url).second) open.push_back(one);
        };
        for (const Section& section : sections_)
            for (const Statement* one : section.entries) reach(one->record);
        while (!open.empty()) {
            const PacketResource* one = open.back();
            open.pop_back();
            for (const std::string& url : references_of(as_it_goes(*one))) reach(index_.find(url));
        }
        return reached;
    }

    void push_section(const SectionRow& row, const Json& text, std::vector<Json> references) {
        section_json_.push_back(Json::object(
            {{"title", row.title.view()},
             {"code",
              coding_of(loinc, row.loinc.view(), row.title.view()).with("text", row.title.view())},
             {"text", text},
             {"entry", Json::array(std::move(references))}}));
    }

    Json composition(std::string_view id) const {
        const Json period = covered_period(reading_);
        const Json event = Json::object(
            {{"code", Json::array({coding_of("http://terminology.hl7.org/CodeSystem/v3-ActClass",
                                             "PCPR", "care provision")})},
             {"period", period}});
        return Json::object({{"resourceType", "Composition"},
                             {"id", id},
                             {"meta", profiles("Composition")},
                             {"contained", Json::array({make_author(knowledge_)})},
                             {"status", "final"},
                             {"type", coding_of(loinc, "60591-5", "Patient summary Document")},
                             {"subject", reference_to(input_.patient)},
                             {"date", format_date_time(input_.request.as_of)},
                             {"author", Json::array({reference_to("#" + std::string(author_id))})},
                             {"title", "Patient summary for a second opinion"},
                             {"confidentiality", high_water_},
                             {"event", Json::array({event})},
                             {"section", Json::array(section_json_)}});
    }

    std::vector<const PacketResource*> sorted() const {
        std::vector<const PacketResource*> out;
        for (const PacketResource& one : resources_)
            if (one.full_url != input_.patient) out.push_back(&one);
        std::sort(out.begin(), out.end(),
                  [](const PacketResource* left, const PacketResource* right) {
                      return std::pair(left->resource.type(), std::string_view(left->full_url)) <
                             std::pair(right->resource.type(), std::string_view(right->full_url));
                  });
        return out;
    }

    const PacketInput& input_;
    const Reading& reading_;
    std::span<const PacketResource> resources_;
    const Mended& mended_;
    const Knowledge& knowledge_;
    const PacketIndex& index_;
    const Specimens specimens_;
    const std::string high_water_;
    const std::vector<const Statement*> under_part2_;
    std::vector<Section> sections_;
    std::vector<Json> section_json_, added_entries_;
};

}  // namespace

std::string document_identifier(const Request& request) {
    return "urn:uuid:" + own_id(request, "document");
}

bool is_only_of_document(const Request& request, std::string_view full_url) {
    return std::any_of(std::begin(no_information), std::end(no_information),
                       [&](const NoInformation& row) {
                           return full_url == "urn:uuid:" + own_id(request, row.code.view());
                       });
}

Result<CarriedNotice> carried_notice(const Json& bundle) {
    CarriedNotice carried;
    std::set<std::string_view> covered;
    const fhir::JsonView sections = bundle["entry"].items()[0].at("resource", "section");
    for (const fhir::JsonView section : sections.items()) {
        const auto codings = section.at("code", "coding").items();
        if (codings.size() != 1 || codings[0]["code"].string() != notice_code) continue;
        TRY_ASSIGN(const std::string text,
                   fhir::narrative_text(section.at("text", "div").string()));
        carried.notice = text.substr(0, text.find('\n'));
        for (const fhir::JsonView entry : section["entry"].items())
            covered.insert(entry["reference"].string());
    }
    carried.covers = covered.size();
    for (const fhir::JsonView entry : bundle["entry"].items())
        if (is_under_part2(entry["resource"]) && !covered.contains(entry["fullUrl"].string()))
            return Error(ErrorKind::Corrupt, "what is under 42 CFR Part 2 is without its notice");
    return carried;
}

Result<Document> make_document(PacketInput given, const Knowledge& knowledge,
                               const Budget& budget) {
    const fhir::JsonScope scope;
    Document document;
    std::vector<PacketResource> resources = std::exchange(given.resources, {});
    document.input = std::move(given);
    const PacketInput& input = document.input;
    TRY(budget.go_on());
    TRY_ASSIGN(resources, clean_narratives(std::move(resources), document.changes));
    TRY(budget.go_on());
    TRY_ASSIGN(resources, correct_codes(std::move(resources), knowledge.maps, knowledge.quirks,
                                        document.changes));
    TRY(budget.go_on());
    TRY_ASSIGN(ProfileClaims claims, claim_profiles(std::move(resources)));
    document.changes.append(std::exchange(claims.changes, {}));
    document.resources = std::move(claims.resources);
    document.reading.emplace(document.resources, input.patient, input.request.as_of);
    const PacketResource* patient = document.reading->index().find(input.patient);
    if (!patient || patient->resource.type() != "Patient")
        return Error(ErrorKind::Malformed, "the patient is not among the resources of the packet");
    TRY_ASSIGN(const Mended mended, mend_forms(document.resources, document.changes, budget));
    document.bundle = DocumentBuilder(input, *document.reading, mended, knowledge).build();
    return document;
}

}  // namespace consultd
