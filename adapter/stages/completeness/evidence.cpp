#include "adapter/stages/completeness/evidence.h"

#include <algorithm>

#include "adapter/stages/reading/attachment_text.h"
#include "adapter/stages/reading/empty_list.h"
#include "adapter/stages/reading/stage_text.h"
#include "adapter/stages/reading/whole_words.h"

namespace consultd {
namespace {

using fhir::JsonView;

template <std::size_t n>
bool is_one_of(std::string_view type, const std::string_view (&types)[n]) {
    return std::ranges::find(types, type) != std::end(types);
}

// What it is called: names and titles.
std::string naming_text(const fhir::Resource& resource) {
    std::string text;
    const auto add = [&](std::string_view more) { text.append(more).append(" . "); };
    for (const std::string_view name : {"code", "type", "title", "description", "category"})
        add(concepts_text(resource[name]));
    for (const std::string_view name : {"code", "type"})
        for (const JsonView& coding : resource[name]["coding"].items())
            add(coding["display"].string());
    for (const JsonView& content : resource["content"].items())
        add(content.at("attachment", "title").string());
    return text;
}

// A problem, an allergy, a medicine or a plan of which the record does not know how it goes on is
// told where it is asked for, with that word: it is here.
bool is_lasting(std::string_view type) {
    constexpr std::string_view types[] = {"AllergyIntolerance", "CarePlan", "Condition",
                                          "MedicationRequest", "MedicationStatement"};
    return is_one_of(type, types);
}

// What is on hold did not happen yet, where it is something that happens.
bool happens(std::string_view type) {
    constexpr std::string_view types[] = {"MedicationAdministration", "MedicationDispense",
                                          "Immunization", "Procedure"};
    return is_one_of(type, types);
}

// Whether it has a value, by itself: of a panel without one, its members are what was measured.
bool has_value(const Statement& one, const Specialties& specialties) {
    if (one.resource().type() != "Observation") return true;
    if (one.value.empty()) return false;
    return !specialties.no_values.contains(lower(one.value));
}

// Not final yet, and nothing worse.
bool is_preliminary(const Statement& one) { return one.standing == Standing::Preliminary; }

bool is_here(const Statement& one, const Specialties& specialties) {
    const std::string_view type = one.resource().type();
    if (one.says == Statement::Says::NoInformation) return false;
    if (is_preliminary(one)) return has_value(one, specialties);
    if (one.standing == Standing::Unclear) return is_lasting(type);
    if (!one.places().found || (happens(type) && one.has(Standing::OnHold))) return false;
    // An implant that is no longer in use is none.
    if (type.starts_with("Device") && one.has(Standing::Over)) return false;
    return has_value(one, specialties);
}

// Whether a row asks for what somebody found, and not for that something was done.
bool asks_for_reports(const ChecklistRow& row) {
    constexpr std::string_view reports[] = {"DiagnosticReport", "DocumentReference", "Observation"};
    return std::ranges::any_of(row.types,
                               [&](const std::string& type) { return is_one_of(type, reports); });
}

bool has_amount(const fhir::Resource& observation) {
    const JsonView value = observation["valueQuantity"];
    const std::string_view unit =
        value["code"].string().empty() ? value["unit"].string() : value["code"].string();
    return !unit.empty() && unit != "%" && !unit.starts_with('{');
}

// Whether a category that is a text alone says one of the row's in other letters: "Social History".
// https://hl7.org/fhir/R4/observation-definitions.html#Observation.category
bool is_category_called(const ChecklistRow& row, JsonView categories) {
    return std::ranges::any_of(categories.items(), [&](const JsonView& category) {
        if (category["coding"].size() > 0) return false;
        std::string called = lower(category["text"].string());
        std::ranges::replace(called, ' ', '-');
        return std::ranges::any_of(row.categories.codes(), [&](const CodeSet::Code& code) {
            return !called.empty() && code.code == called;
        });
    });
}

// What people read of it: its conclusion, its notes, its files and sections.
std::string prose_of(const Statement& one, const PacketIndex& index) {
    std::string out(one.resource()["conclusion"].string());
    join(out, "\n", one.notes);
    join(out, "\n", one.value);
    for (const JsonView& file : attachments_of(one.resource()))
        join(out, "\n", attachment_text(file, index));
    join(out, "\n", text_of_sections(one.resource()["section"]));
    return out;
}

// Whether it is said or denied, a person reads.
std::vector<SensitiveWords::Row> rows_in(const SensitiveWords& words, std::string_view text) {
    std::vector<SensitiveWords::Row> rows;
    for (const SensitiveWords::Found& one : words.find(Tokens(text))) rows.push_back(one.row);
    return rows;
}

}  // namespace

Evidence::Evidence(const Specialties& specialties, const Specialty& specialty,
                   const Reading& reading)
    : specialties_(specialties), reading_(reading) {
    const Analytes analytes(reading, specialty, specialties);
    for (const Statement& one : reading.all()) {
        if (!is_here(one, specialties)) continue;
        const std::string called = naming_text(one.resource());
        std::vector<Row> named = rows_in(specialties.name_words, called);
        const bool is_form = std::ranges::find(named, Specialties::forms) != named.end();
        seen_.push_back({&one, std::move(named), analytes.row_of(one), is_form,
                         has_content(one.resource(), reading.index())});
    }
}

bool Evidence::matches(const ChecklistRow& row, const Seen& one) const {
    const fhir::Resource& resource = one.statement->resource();
    if (std::ranges::find(row.types, resource.type()) == row.types.end()) return false;
    if (!row.has_bounds()) return true;
    const NamedSystems& named = specialties_.named;
    if (row.is_stage && !stages_text(resource.json()).empty()) return true;
    if (row.codes.may_be_in(resource["code"], named) ||
        row.codes.may_be_in(resource["type"], named) ||
        row.categories.may_be_in(resource["category"], named) ||
        is_category_called(row, resource["category"]))
        return true;
    if (one.analyte != nullptr)
        for (const CodeSet::Code& code : one.analyte->codes.codes())
            if (row.codes.holds(code.system, code.code)) return true;
    return !one.is_form && std::ranges::find(one.named, row.number) != one.named.end() &&
           !(row.has_no_amounts && has_amount(resource));
}

bool Evidence::is_done_only(const ChecklistRow& row, const Statement& one) const {
    const std::string_view type = one.resource().type();
    if ((type != "Procedure" && type != "ImagingStudy") || !asks_for_reports(row)) return false;
    return std::ranges::none_of(one.resource()["report"].items(), [&](const JsonView& report) {
        const PacketResource* there = reading_.index().find(report["reference"].string());
        return there != nullptr && reading_.of(*there).places().found &&
               has_content(there->resource, reading_.index());
    });
}

Evidence::Of Evidence::of(const ChecklistRow& row) const {
    Of out;
    for (const Seen& one : seen_) {
        if (!matches(row, one)) continue;
        const bool is_none = one.statement->says == Statement::Says::NoneKnown;
        Statements& list = is_none                             ? out.known
                           : !one.has_content                  ? out.named
                           : is_preliminary(*one.statement)    ? out.preliminary
                           : is_done_only(row, *one.statement) ? out.done
                                                               : out.here;
        list.push_back(one.statement);
    }
    // That there is none, as a whole list says.
    if (!row.has_bounds() && !row.types.empty())
        if (const auto empty = empty_list_of(reading_, row.types.front()); empty && empty->is_nil)
            out.known.push_back(empty->list);
    for (Statements* list : {&out.here, &out.preliminary, &out.named, &out.done, &out.known})
        sort_newest_first(*list);
    return out;
}

void Evidence::read_texts() {
    texts_are_read_ = true;
    for (const Statement& one : reading_.all()) {
        if (!one.places().found) continue;
        const std::string prose = prose_of(one, reading_.index());
        if (prose.empty()) continue;
        if (std::vector<Row> rows = rows_in(specialties_.text_words, prose); !rows.empty())
            texts_.emplace_back(&one, std::move(rows));
    }
}

Evidence::Statements Evidence::texts_naming(const ChecklistRow& row) {
    constexpr std::string_view texts[] = {"DiagnosticReport", "DocumentReference", "Composition",
                                          "ClinicalImpression"};
    if (!texts_are_read_) read_texts();
    Statements out;
    for (const auto& [statement, rows] : texts_) {
        const std::string_view type = statement->resource().type();
        if (std::ranges::find(rows, row.number) != rows.end() &&
            (is_one_of(type, texts) || std::ranges::find(row.types, type) != row.types.end()))
            out.push_back(statement);
    }
    sort_newest_first(out);
    return out;
}

bool Evidence::has(const ProblemSigns& disease) const {
    return std::ranges::any_of(seen_, [&](const Seen& one) {
        const fhir::Resource& resource = one.statement->resource();
        return resource.type() == "Condition" &&
               disease.hold(resource["code"], one.statement->what);
    });
}

}  // namespace consultd
