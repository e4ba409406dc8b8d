// Display: how a FHIR value is said to people: labels, dates and values as the record gives them,
// never a word of clinical meaning of our own. Digits, units and partial dates stay as they are.
// What comes back is plain text: whoever writes it into a page escapes it. Knows nothing of
// sections, pages or profiles.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "adapter/html/date_text.h"
#include "adapter/stages/record.h"
#include "adapter/stages/text/text.h"

namespace consultd {

// Finds the resources of a packet by their full URL. Outlived by the resources.
class PacketIndex {
public:
    explicit PacketIndex(const std::vector<PacketResource>& resources);
    const PacketResource* find(std::string_view full_url) const;
    // Where a Reference leads: into the packet, or into what `owner` contains; null where nowhere.
    fhir::JsonView resolve(fhir::JsonView reference, fhir::JsonView owner) const;

    // The Questionnaire that a response names by its canonical: one that it contains, or one of the
    // packet; null where neither. https://hl7.org/fhir/R4/references.html#canonical
    fhir::JsonView questionnaire_of(fhir::JsonView response) const;

    // What a file of this packet was read as, by where it stands, so that it is read once; null: it
    // could not be.
    template <class Read>
    const FileText* remembered_file(fhir::JsonView attachment, Read read) const {
        const auto [known, is_new] = files_.try_emplace(attachment.members().data());
        if (is_new) known->second = read();
        return known->second ? &*known->second : nullptr;
    }

private:
    fhir::JsonView contained_in(fhir::JsonView owner, std::string_view id) const;

    std::map<std::string_view, const PacketResource*> by_url_;
    std::map<std::string_view, const PacketResource*> questionnaires_;  // by canonical
    // By id, of owners that contain many: made when one of theirs is first asked for.
    using Contained = std::unordered_map<std::string_view, fhir::JsonView>;
    mutable std::unordered_map<const fhir::JsonView*, Contained> contained_;
    mutable std::unordered_map<const fhir::JsonMember*, std::optional<FileText>> files_;
};

// The one member a choice stands as: choice(observation, "value") → {"Quantity", value}.
struct Choice {
    std::string_view type;  // empty: not there
    fhir::JsonView value;
};
Choice choice_of(fhir::JsonView object, std::string_view name);

// Adds more to what is said, parted where both say something.
void join(std::string& out, std::string_view between, std::string_view more);

// A value, a list's first value: the first item of an array, else the value itself.
fhir::JsonView first_of(fhir::JsonView value);
bool has_code(fhir::JsonView concept_or_list, std::string_view system, std::string_view code);
// In any system.
bool has_code(fhir::JsonView concept_or_list, std::string_view code);

// Its text, else a display, else a code with its system's name.
std::string concept_text(fhir::JsonView codeable_concept);
// The same, and in brackets what the codings are called where that says something else: nobody
// knows which of them is right. https://hl7.org/fhir/R4/datatypes.html#CodeableConcept
std::string whole_concept_text(fhir::JsonView codeable_concept);
std::string concepts_text(fhir::JsonView list);      // of each, joined by "; "
std::string quantity_text(fhir::JsonView quantity);  // "< 5.0 mg/dL"
// A unit as it is printed: "10³/µL" for the code "10*3/uL", "mm Hg" for "mm[Hg]". The unit stays
// the same; what is no such code stays as it is.
std::string unit_text(std::string_view unit);
std::string name_text(fhir::JsonView human_name);  // "Teverin, Rosalind Amaya"
std::string reference_text(fhir::JsonView reference, fhir::JsonView owner,
                           const PacketIndex& index);
// value[x] or any other choice as text, of each type that a value can have.
std::string choice_text(const Choice& choice);
// value[x] of an Observation, or of its components: "Systolic 120 mmHg; Diastolic 80 mmHg".
std::string observation_value(fhir::JsonView observation);
// The laboratory's ranges, each with whom it is for; empty where none.
std::string range_text(fhir::JsonView observation);

// The text that a resource has of itself; empty where it has none.
// https://hl7.org/fhir/R4/narrative.html
std::string narrative_text(const fhir::Resource& resource);
// Whether the Medication that it is of was entered in error: then nobody knows of what it is.
// https://hl7.org/fhir/R4/medication-definitions.html#Medication.status
bool is_medicine_in_error(const fhir::Resource& resource, const PacketIndex& index);
// What an assessment found, and what was written, of a message.
std::string findings_text(fhir::JsonView assessment, const PacketIndex& index);
std::string message_text(fhir::JsonView message);
// What every list of records shows of a resource. What its structure does not name is named by its
// own text.
std::string item_text(const fhir::Resource& resource, const PacketIndex& index);
std::string detail_text(const fhir::Resource& resource, const PacketIndex& index);
// Its status as the record has it: "active, confirmed".
std::string status_text(const fhir::Resource& resource);

}  // namespace consultd
