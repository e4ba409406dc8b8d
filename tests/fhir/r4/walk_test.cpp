#include "fhir/r4/walk.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <vector>

namespace consultd::fhir::r4 {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

Json json(std::string_view text) {
    auto parsed = Json::parse(std::string(text));
    EXPECT_TRUE(parsed.ok()) << text;
    return parsed.ok() ? *parsed : Json();
}

// Writes down what it is told; edits only where a test says so.
class Recorder : public Walker {
public:
    std::vector<std::string> typed, elements, unknowns, entered;
    std::function<Edit(const Visit&)> on_element = [](const Visit&) { return Edit::keep(); };
    std::function<Edit(const Visit&)> on_reference = [](const Visit&) { return Edit::keep(); };
    std::function<bool(const Visit&)> on_enter = [](const Visit&) { return true; };

    bool enter(const Visit& visit) override {
        entered.push_back(visit.path.text());
        return on_enter(visit);
    }
    Edit reference(const Visit& visit) override {
        note("reference", visit);
        return on_reference(visit);
    }
    Edit coding(const Visit& visit) override { return note("coding", visit); }
    Edit codeable_concept(const Visit& visit) override { return note("concept", visit); }
    Edit quantity(const Visit& visit) override { return note("quantity", visit); }
    Edit date(const Visit& visit) override { return note("date", visit); }
    Edit identifier(const Visit& visit) override { return note("identifier", visit); }
    Edit attachment(const Visit& visit) override { return note("attachment", visit); }
    Edit narrative(const Visit& visit) override { return note("narrative", visit); }
    Edit extension(const Visit& visit) override { return note("extension", visit); }
    Edit resource(const Visit& visit) override { return note("resource", visit); }
    Edit element(const Visit& visit) override {
        elements.push_back(visit.path.text() + ":" + std::string(visit.type.name.view()));
        return on_element(visit);
    }
    void unknown(const ElementPath& parent, JsonView, std::string_view member) override {
        unknowns.push_back(parent.text() + "/" + std::string(member));
    }

private:
    Edit note(const char* hook, const Visit& visit) {
        typed.push_back(std::string(hook) + " " + visit.path.text() +
                        (visit.in_contained ? " contained" : ""));
        return Edit::keep();
    }
};

class WalkTest : public testing::Test {
protected:
    std::string walked(std::string_view text) { return walk(json(text), recorder).print(); }
    void remove_at(std::string path) {
        recorder.on_element = [path](const Visit& visit) {
            return visit.path.text() == path ? Edit::remove() : Edit::keep();
        };
    }
    Recorder recorder;
};

TEST_F(WalkTest, EachTypedHookIsCalledChildrenFirst) {
    walked(R"({"resourceType":"Observation","text":{"status":"generated","div":"<div/>"},
        "extension":[{"url":"u","valueAttachment":{"title":"t"}}],
        "identifier":[{"value":"1"}],"code":{"coding":[{"code":"a"},{"code":"b"}]},
        "subject":{"reference":"Patient/1"},"effectiveDateTime":"2023","valueQuantity":{"value":1}})");
    EXPECT_THAT(
        recorder.typed,
        ElementsAre("narrative Observation.text", "attachment Observation.extension[0].value",
                    "extension Observation.extension[0]", "identifier Observation.identifier[0]",
                    "coding Observation.code.coding[0]", "coding Observation.code.coding[1]",
                    "concept Observation.code", "reference Observation.subject",
                    "date Observation.effective", "quantity Observation.value",
                    "resource Observation"));
    EXPECT_THAT(recorder.unknowns, IsEmpty());
}

TEST_F(WalkTest, QuantitysKinCallTheQuantityHook) {
    walked(R"({"resourceType":"Condition","onsetAge":{"value":40}})");
    EXPECT_EQ(recorder.typed.front(), "quantity Condition.onset");
}

TEST_F(WalkTest, ModifierExtensionsAreExtensionsOfThatName) {
    walked(R"({"resourceType":"Basic","modifierExtension":[{"url":"u","valueCode":"c"}]})");
    EXPECT_EQ(recorder.typed.front(), "extension Basic.modifierExtension[0]");
}

TEST_F(WalkTest, WithoutEditsTheSameValueComesBackByteForByte) {
    const std::string text =
        R"({"b":1,"resourceType":"Patient","_birthDate":{"id":"x"},"active":true,"x":[2.00]})";
    EXPECT_EQ(walked(text), text);
}

TEST_F(WalkTest, ResourcesWithinAreWalkedByTheirOwnType) {
    walked(R"({"resourceType":"Bundle","entry":[{"resource":{"resourceType":"Condition",
        "contained":[{"resourceType":"Patient","id":"p","birthDate":"1970"}],
        "subject":{"reference":"#p"}}}]})");
    EXPECT_THAT(recorder.typed,
                ElementsAre("date Bundle.entry[0].resource.contained[0].birthDate contained",
                            "resource Bundle.entry[0].resource.contained[0] contained",
                            "reference Bundle.entry[0].resource.subject",
                            "resource Bundle.entry[0].resource", "resource Bundle"));
    recorder.typed.clear();
    walked(R"({"resourceType":"Parameters","parameter":[{"name":"r","part":[{"name":"s",
        "resource":{"resourceType":"Patient","birthDate":"1970"}}]}]})");
    EXPECT_EQ(recorder.typed.front(), "date Parameters.parameter[0].part[0].resource.birthDate");
}

TEST_F(WalkTest, APrimitiveComesWithItsSibling) {
    Json value, sibling;
    recorder.on_element = [&](const Visit& visit) {
        if (visit.path.text() == "Patient.birthDate") value = visit.value, sibling = visit.sibling;
        return Edit::keep();
    };
    walked(R"({"resourceType":"Patient","birthDate":"1970","_birthDate":{"extension":
        [{"url":"u","valueReference":{"reference":"Patient/2"}}]}})");
    EXPECT_EQ(value.string(), "1970");
    EXPECT_TRUE(sibling.has("extension"));
    EXPECT_EQ(recorder.typed.front(), "reference Patient.birthDate.extension[0].value");
}

TEST_F(WalkTest, APrimitiveWithOnlyItsSiblingIsVisited) {
    walked(R"({"resourceType":"Patient","_birthDate":{"id":"x"}})");
    EXPECT_EQ(recorder.typed.front(), "date Patient.birthDate");
}

TEST_F(WalkTest, ArraysOfPrimitivesStayAlignedWithTheirSiblings) {
    recorder.on_element = [](const Visit& visit) {
        return visit.path.text() == "Patient.name[0].given[0]" ? Edit::remove() : Edit::keep();
    };
    EXPECT_EQ(
        walked(R"({"resourceType":"Patient","name":[{"given":["a",null,"c"],
        "_given":[null,{"id":"1"},null]}]})"),
        R"({"resourceType":"Patient","name":[{"given":[null,"c"],"_given":[{"id":"1"},null]}]})");
}

TEST_F(WalkTest, AReplacedPrimitiveKeepsItsSiblingUnlessBothAreGiven) {
    const char* text = R"({"resourceType":"Patient","_birthDate":{"id":"x"},"birthDate":"1970"})";
    recorder.on_element = [](const Visit& visit) {
        return visit.path.text() == "Patient.birthDate" ? Edit::replace(Json("1971"))
                                                        : Edit::keep();
    };
    EXPECT_TRUE(same_value(
        json(walked(text)),
        json(R"({"resourceType":"Patient","birthDate":"1971","_birthDate":{"id":"x"}})")));
    recorder.on_element = [](const Visit& visit) {
        return visit.path.text() == "Patient.birthDate"
                   ? Edit::replace(Json(), Json::object({{"id", Json("y")}}))
                   : Edit::keep();
    };
    EXPECT_EQ(walked(text), R"({"resourceType":"Patient","_birthDate":{"id":"y"}})");
}

TEST_F(WalkTest, WhatIsLeftEmptyLeavesTooButNotAResource) {
    remove_at("Patient.contact[0].name.family");
    EXPECT_EQ(walked(R"({"resourceType":"Patient","contact":[{"name":{"family":"f"}}]})"),
              R"({"resourceType":"Patient"})");
    remove_at("Patient.birthDate.extension[0]");
    EXPECT_EQ(walked(R"({"resourceType":"Patient","_birthDate":{"extension":[{"url":"u"}]}})"),
              R"({"resourceType":"Patient"})");
}

TEST_F(WalkTest, ARemovedItemLeavesItsArray) {
    remove_at("Observation.code.coding[0]");
    EXPECT_EQ(
        walked(R"({"resourceType":"Observation","code":{"coding":[{"code":"a"},{"code":"b"}]}})"),
        R"({"resourceType":"Observation","code":{"coding":[{"code":"b"}]}})");
}

TEST_F(WalkTest, TheResourceItselfMayBeRemoved) {
    remove_at("Patient");
    EXPECT_EQ(walked(R"({"resourceType":"Patient","active":true})"), "null");
}

TEST_F(WalkTest, TheElementHookSeesWhatTheTypedHookMade) {
    recorder.on_reference = [](const Visit& visit) {
        return Edit::replace(visit.value.with("reference", Json("Patient/2")));
    };
    std::string seen;
    recorder.on_element = [&](const Visit& visit) {
        if (visit.path.text() == "Observation.subject") seen = visit.value["reference"].string();
        return Edit::keep();
    };
    EXPECT_EQ(walked(R"({"resourceType":"Observation","subject":{"reference":"Patient/1"}})"),
              R"({"resourceType":"Observation","subject":{"reference":"Patient/2"}})");
    EXPECT_EQ(seen, "Patient/2");
}

TEST_F(WalkTest, WhatIsNotEnteredIsNotVisited) {
    recorder.on_enter = [](const Visit& visit) { return visit.path.text() != "Observation.code"; };
    walked(R"({"resourceType":"Observation","code":{"coding":[{"code":"a"}]}})");
    EXPECT_THAT(recorder.typed, ElementsAre("resource Observation"));
}

TEST_F(WalkTest, OrderAndUnknownMembersSurviveAnEdit) {
    remove_at("Patient.active");
    const char* text = R"({"z":{},"active":true,"resourceType":"Patient","_name":{"id":"q"},
        "name":[{"family":"f"}],"a":[null]})";
    EXPECT_EQ(
        walked(text),
        R"({"z":{},"resourceType":"Patient","_name":{"id":"q"},"name":[{"family":"f"}],"a":[null]})");
    EXPECT_THAT(recorder.unknowns, ElementsAre("Patient/z", "Patient/_name", "Patient/a"));
}

TEST_F(WalkTest, WrongJsonKindsAreToldAndCarried) {
    const std::string text =
        R"({"resourceType":"Patient","name":{"family":"f"},"active":[true],"gender":{},)"
        R"("birthDate":null,"link":[1],"contact":[{"name":{"given":["a",{}]}}]})";
    EXPECT_EQ(walked(text), text);
    EXPECT_THAT(recorder.unknowns,
                ElementsAre("Patient/name", "Patient/active", "Patient/gender", "Patient/birthDate",
                            "Patient/link", "Patient.contact[0].name/given"));
}

TEST_F(WalkTest, AResourceOfUnknownTypeIsCarried) {
    const std::string text = R"({"resourceType":"Vignette","subject":{"reference":"Patient/1"}})";
    EXPECT_EQ(walked(text), text);
    const std::string inside = R"({"resourceType":"Bundle","entry":[{"resource":)" + text + "}]}";
    EXPECT_EQ(walked(inside), inside);
    EXPECT_EQ(walked("[1]"), "[1]");
    EXPECT_THAT(
        recorder.unknowns,
        ElementsAre("/resourceType", "Bundle.entry[0].resource/resourceType", "/resourceType"));
    EXPECT_THAT(recorder.typed, ElementsAre("resource Bundle"));
}

TEST_F(WalkTest, NestingPastTheDepthOfAPathIsToldAndCarried) {
    std::string text = "{\"url\":\"u\"}";
    for (int i = 0; i < 80; ++i) text = R"({"url":"u","extension":[)" + text + "]}";
    text = R"({"resourceType":"Basic","extension":[)" + text + "]}";
    auto deep = Json::parse(text, {.depth_max = 400});
    ASSERT_TRUE(deep.ok());
    EXPECT_EQ(walk(*deep, recorder).print(), text);
    EXPECT_EQ(recorder.unknowns.size(), 2U) << "the url and the extension of the last step";
}

}  // namespace
}  // namespace consultd::fhir::r4
