#include "fhir/r4/elements.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace consultd::fhir::r4 {
namespace {

bool allows(std::span<const StaticText> texts, std::string_view wanted) {
    return std::any_of(texts.begin(), texts.end(),
                       [&](StaticText text) { return text.view() == wanted; });
}

TEST(ElementsTest, KnowsEveryKindOfTypeAndNoOther) {
    EXPECT_EQ(find_type("Observation")->kind, Type::Kind::Resource);
    EXPECT_EQ(find_type("CodeableConcept")->kind, Type::Kind::Complex);
    EXPECT_EQ(find_type("dateTime")->kind, Type::Kind::Primitive);
    EXPECT_EQ(find_type("Observation.component")->kind, Type::Kind::Backbone);
    EXPECT_EQ(find_type("Timing.repeat")->kind, Type::Kind::Backbone);
    EXPECT_EQ(find_type("BodySite"), nullptr);
    EXPECT_EQ(find_type("observation"), nullptr);
    EXPECT_EQ(find_type(""), nullptr);
}

TEST(ElementsTest, TheSummarySaysWhatTheDefinitionSays) {
    const Element* status = find_type("Observation")->find("status");
    ASSERT_NE(status, nullptr);
    EXPECT_EQ(status->min, 1);
    EXPECT_FALSE(status->is_many());
    EXPECT_TRUE(status->is_modifier);
    EXPECT_TRUE(status->is_summary);
    EXPECT_EQ(status->binding, BindingStrength::Required);
    EXPECT_TRUE(allows(status->required_codes, "entered-in-error"));
    EXPECT_FALSE(allows(status->required_codes, "finl"));
}

TEST(ElementsTest, InheritedElementsAreThere) {
    for (const char* name : {"id", "meta", "text", "contained", "extension", "modifierExtension"})
        EXPECT_NE(find_type("Condition")->find(name), nullptr) << name;
    EXPECT_NE(find_type("Observation.component")->find("modifierExtension"), nullptr);
    EXPECT_EQ(find_type("Patient")->find("id")->types[0]->name.view(), "id");
    EXPECT_EQ(find_type("HumanName")->find("id")->types[0]->name.view(), "string");
    EXPECT_EQ(find_type("Extension")->find("url")->types[0]->name.view(), "uri");
}

TEST(ElementsTest, AChoiceIsFoundByItsJsonName) {
    const Type& observation = *find_type("Observation");
    const Type::Member quantity = observation.member("valueQuantity");
    ASSERT_NE(quantity.element, nullptr);
    EXPECT_EQ(quantity.element->name.view(), "value");
    EXPECT_TRUE(quantity.element->is_choice);
    EXPECT_EQ(quantity.type->name.view(), "Quantity");
    EXPECT_EQ(observation.member("valueDateTime").type->name.view(), "dateTime");
    EXPECT_EQ(observation.member("value").element, nullptr);
    EXPECT_EQ(observation.member("valueReference").element, nullptr) << "no type of this choice";
    EXPECT_EQ(find_type("Extension")->member("valueReference").type->name.view(), "Reference");
}

TEST(ElementsTest, AContentReferenceLeadsToTheTypeItNames) {
    EXPECT_EQ(find_type("Observation.component")->find("referenceRange")->types[0],
              find_type("Observation.referenceRange"));
}

// In the code system goal-status `active` stands below `accepted`.
TEST(ElementsTest, NestedConceptsAreAmongTheRequiredCodes) {
    const Element* status = find_type("Goal")->find("lifecycleStatus");
    EXPECT_TRUE(allows(status->required_codes, "accepted"));
    EXPECT_TRUE(allows(status->required_codes, "active"));
}

// Mime types (BCP 13) and currencies (ISO 4217) are not enumerated in the definitions.
TEST(ElementsTest, CodesOfOtherPeoplesSystemsAreNotLimited) {
    const Element* content_type = find_type("Attachment")->find("contentType");
    EXPECT_EQ(content_type->binding, BindingStrength::Required);
    EXPECT_TRUE(content_type->required_codes.empty());
}

TEST(ElementsTest, ReferenceTargetsAreResourceTypesAndEmptyWhereAnyMayStand) {
    const Element* subject = find_type("Encounter")->find("subject");
    ASSERT_EQ(subject->reference_targets.size(), 2U);
    EXPECT_EQ(subject->reference_targets[0].view(), "Group");
    EXPECT_EQ(subject->reference_targets[1].view(), "Patient");
    EXPECT_TRUE(find_type("Provenance")->find("target")->reference_targets.empty());
}

TEST(ElementsTest, CodesAndMembersAreSortedForTheirSearch) {
    for (const char* name : {"Observation", "ElementDefinition", "Task", "Timing.repeat"}) {
        const Type& type = *find_type(name);
        EXPECT_TRUE(
            std::is_sorted(type.by_json_name.begin(), type.by_json_name.end(),
                           [](const auto& a, const auto& b) { return a.json_name < b.json_name; }));
        for (const Element& element : type.elements)
            EXPECT_TRUE(
                std::is_sorted(element.required_codes.begin(), element.required_codes.end(),
                               [](StaticText a, StaticText b) { return a.view() < b.view(); }));
    }
}

TEST(ElementPathTest, IsWrittenWithPositions) {
    ElementPath path;
    path.push("Observation");
    path.push("component", 1);
    path.push("code");
    EXPECT_EQ(path.text(), "Observation.component[1].code");
    EXPECT_EQ(path.leaf().view(), "code");
    path.pop();
    EXPECT_EQ(path.text(), "Observation.component[1]");
}

}  // namespace
}  // namespace consultd::fhir::r4
