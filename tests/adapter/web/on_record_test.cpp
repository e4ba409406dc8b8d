#include "api_fixture.h"

namespace consultd::web {
namespace {

class OnRecordTest : public ApiTest {};

// What is on record is given to whoever ordered it, and to whoever may see all; the log has it
// before.
TEST_F(OnRecordTest, PacketAndConsentOfATransferAreReadByItsIdAndTheReadingIsLogged) {
    const fhir::Json created = json(ask("POST", "/fhir/Task", "", task()));
    const std::string id(created["id"].string());
    EXPECT_EQ(ask("GET", "/fhir/Bundle/" + id).status, 404);
    EXPECT_EQ(json(ask("GET", "/fhir/Consent/" + id))["id"].string(), id);
    Lease lease = store->claim(id, clock.now(), std::chrono::minutes(2), "one").value().value();
    const std::string bundle = R"({"resourceType":"Bundle","type":"document","n":1.00})";
    ASSERT_TRUE(
        store->save(lease, lease.transfer, {seal_part(sealer, id, Part::Bundle, bundle)}).ok());
    const std::size_t before = read_by.size();
    EXPECT_EQ(ask("GET", "/fhir/Bundle/" + id).body, bundle) << "byte by byte";
    EXPECT_EQ(read_by.size(), before + 1);
    EXPECT_EQ(ask("GET", "/fhir/Bundle/no-such-transfer").status, 404);
    EXPECT_EQ(read_by.size(), before + 1);
}

}  // namespace
}  // namespace consultd::web
