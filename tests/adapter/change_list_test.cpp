#include "adapter/change_list.h"

#include <gtest/gtest.h>

namespace consultd {
namespace {

using fhir::Json;

std::string text_of(const ChangeList& changes) {
    std::string text;
    for (const Change& change : changes)
        text += change.resource + " " + change.path + " " + std::string(change.rule.view()) + " " +
                change.before.print() + " " + change.after.print() + "\n";
    return text;
}

class ChangeListTest : public ::testing::Test {
protected:
    // Values whose own documents are gone by the time the changes are read.
    static ChangeList of_two() {
        ChangeList changes;
        changes.add("urn:uuid:b", "Observation.value", "value.text", Json::number("2.00"), "2");
        changes.add("urn:uuid:a", "Patient.id", "id.uuid", Json("1"), Json("a"));
        changes.add("urn:uuid:a", "Patient.name", "name", {}, *Json::parse(R"([{"family":"Z"}])"));
        return changes;
    }
};

TEST_F(ChangeListTest, EachIsThereAsItWasMadeAndInItsOrder) {
    EXPECT_EQ(text_of(of_two()), R"(urn:uuid:b Observation.value value.text 2.00 "2"
urn:uuid:a Patient.id id.uuid "1" "a"
urn:uuid:a Patient.name name null [{"family":"Z"}]
)");
}

TEST_F(ChangeListTest, ThoseOfALaterStageFollow) {
    ChangeList changes = of_two();
    changes.append(of_two());
    EXPECT_EQ(text_of(changes), text_of(of_two()) + text_of(of_two()));
}

TEST_F(ChangeListTest, ArrangedByResourceTheyKeepTheirOrderInEach) {
    ChangeList changes = of_two();
    changes.add("urn:uuid:b", "Observation.code", "code", {}, "c");
    changes.add("urn:uuid:gone", "Observation.code", "code", {}, "c");
    changes.arrange_by({"urn:uuid:a", "urn:uuid:b"});
    EXPECT_EQ(text_of(changes), R"(urn:uuid:a Patient.id id.uuid "1" "a"
urn:uuid:a Patient.name name null [{"family":"Z"}]
urn:uuid:b Observation.value value.text 2.00 "2"
urn:uuid:b Observation.code code null "c"
)");
}

}  // namespace
}  // namespace consultd
