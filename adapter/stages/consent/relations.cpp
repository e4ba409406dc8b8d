#include "adapter/stages/consent/relations.h"

#include <algorithm>
#include <iterator>

namespace consultd::consent {
namespace {

struct Relation {
    std::string_view element;
    Tells tells;
    std::string_view why;
};

constexpr Relation relations[] = {
    {"about", Tells::Matter, "a message is about it"},
    {"addresses", Tells::Matter, "a plan or a goal is there for the problem"},
    {"assessment", Tells::Matter, "a stage was found by it"},
    {"authorizingPrescription", Tells::Matter, "a dispense is of the drug that was ordered"},
    {"basis", Tells::Matter, "a risk was told from it"},
    {"complicationDetail", Tells::Matter, "what went wrong is of what was done"},
    {"derivedFrom", Tells::Matter, "a finding was made of it"},
    {"detail", Tells::Matter, "an issue or a plan's activity is about it"},
    {"diagnosisReference", Tells::Matter, "a claim is for the diagnosis"},
    {"finding", Tells::Matter, "an impression found it"},
    {"focus", Tells::Matter, "a finding or a task is about it"},
    {"implicated", Tells::Matter, "an issue is between it and another"},
    {"itemReference", Tells::Matter, "a finding or a product is of it"},
    {"medicationReference", Tells::Matter, "an order is of the drug"},
    {"priorPrescription", Tells::Matter, "an order goes on with the one before"},
    {"problem", Tells::Matter, "an impression is of the problem"},
    {"procedureReference", Tells::Matter, "a claim is for what was done"},
    {"reasonReference", Tells::Matter, "it was done because of it"},
    {"replaces", Tells::Matter, "an order stands in its place"},
    {"report", Tells::Matter, "what was done is told there"},
    {"request", Tells::Matter, "a drug was given as it was ordered"},
    {"resultingCondition", Tells::Matter, "an event led to it"},
    {"usedReference", Tells::Matter, "what was done was done with it"},
    {"asserter", Tells::Nothing, "who says so"},
    {"author", Tells::Nothing, "who wrote it"},
    {"authenticator", Tells::Nothing, "who signed it"},
    {"basedOn", Tells::Nothing, "an order that its own code repeats"},
    {"context", Tells::Nothing, "at which visit"},
    {"custodian", Tells::Nothing, "who keeps it"},
    {"encounter", Tells::Nothing, "at which visit"},
    {"individual", Tells::Nothing, "who took part"},
    {"informationSource", Tells::Nothing, "who told it"},
    {"location", Tells::Nothing, "where"},
    {"managingOrganization", Tells::Nothing, "who keeps it"},
    {"organization", Tells::Nothing, "who keeps it"},
    {"partOf", Tells::Nothing, "in the course of what"},
    {"patient", Tells::Nothing, "whose it is"},
    {"performer", Tells::Nothing, "who did it"},
    {"practitioner", Tells::Nothing, "who did it"},
    {"recorder", Tells::Nothing, "who wrote it down"},
    {"requester", Tells::Nothing, "who ordered it"},
    {"serviceProvider", Tells::Nothing, "where"},
    {"specimen", Tells::Nothing, "in what it was found"},
    {"subject", Tells::Nothing, "whose it is"},
    {"who", Tells::Nothing, "who did it"},
};

}  // namespace

Tells told_by(std::string_view element) {
    const auto* row = std::ranges::find(relations, element, &Relation::element);
    return row == std::end(relations) ? Tells::Unsaid : row->tells;
}

}  // namespace consultd::consent
