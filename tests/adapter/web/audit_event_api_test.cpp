// The audit log over HTTP: what was signed, for those who read it, and for nobody else.
#include "adapter/web/audit_event_api.h"

#include <gmock/gmock.h>

#include "adapter/acts.h"
#include "api_fixture.h"

namespace consultd::web {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

class AuditEventApiTest : public ApiTest {
protected:
    // An act on the patient's transfer, a day after the one before.
    void record(const std::string& patient, const std::string& transfer) {
        Transfer about;
        about.id = transfer;
        about.patient_pseudonym = patient_pseudonym(sealer, "general", patient);
        const audit::Act act = act_by(Actor::operator_named("it-desk"), audit::Act::What::Order,
                                      about, config, clock.now());
        audited.push_back(entry_of(act, random).event);
        clock.advance(std::chrono::hours(24));
    }
    std::vector<std::string> found(const std::string& query) {
        std::vector<std::string> transfers;
        const fhir::Json bundle = asked(query);
        for (const fhir::JsonView entry : bundle["entry"].items())
            transfers.emplace_back(
                entry["resource"]["entity"].items()[0].at("what", "identifier", "value").string());
        return transfers;
    }
    fhir::Json asked(const std::string& query) {
        const ServerResponse response = ask("GET", "/fhir/AuditEvent", query);
        EXPECT_EQ(response.status, 200) << response.body;
        return json(response);
    }
    std::string day(int days) {
        return format_instant(start + std::chrono::hours(24 * days)).substr(0, 10);
    }
    const Instant start = clock.now();
};

TEST_F(AuditEventApiTest, EventsAreFoundByPatientAndDate) {
    record("anna", "t-0");
    record("berta", "t-1");
    record("anna", "t-2");
    EXPECT_THAT(found(""), ElementsAre("t-0", "t-1", "t-2"));
    EXPECT_THAT(found("patient=anna"), ElementsAre("t-0", "t-2"));
    EXPECT_THAT(found("patient=Patient/berta"), ElementsAre("t-1"));
    EXPECT_THAT(found("patient=https%3A%2F%2Fehr.example%2Ffhir%2FPatient%2Fanna"),
                ElementsAre("t-0", "t-2"));
    EXPECT_THAT(found("patient=https%3A%2F%2Fother.example%2FPatient%2Fanna"), IsEmpty());
    EXPECT_THAT(found("patient=carla"), IsEmpty());
    EXPECT_THAT(found("date=" + day(1)), ElementsAre("t-1"));
    EXPECT_THAT(found("date=ge" + day(1)), ElementsAre("t-1", "t-2"));
    EXPECT_THAT(found("date=gt" + day(1)), ElementsAre("t-2"));
    EXPECT_THAT(found("date=lt" + day(1)), ElementsAre("t-0"));
    EXPECT_THAT(found("date=le" + day(1)), ElementsAre("t-0", "t-1"));
    EXPECT_THAT(found("date=ge" + day(1) + "&date=le" + day(1)), ElementsAre("t-1"));
    EXPECT_THAT(found("date=ge" + day(1) + "&patient=anna"), ElementsAre("t-2"));
    EXPECT_EQ(asked("_count=0&patient=anna")["total"].integer(), 2);
    for (const char* bad : {"date=yesterday", "date=zz2026", "date=", "patient=", "_count=x",
                            "agent=it-desk", "patient:identifier=x", "date=%zz", "_page=AAAA"})
        EXPECT_EQ(ask("GET", "/fhir/AuditEvent", bad).status, 400) << bad;
}

TEST_F(AuditEventApiTest, PagesHoldEachEventOnceAndLinksNameNoPatient) {
    for (int i = 0; i < 5; ++i) record(i == 1 ? "berta" : "anna", "t-" + std::to_string(i));
    std::vector<std::string> read;
    std::string query = "patient=anna&_count=2&date=ge" + day(0);
    while (!query.empty()) {
        for (const std::string& one : found(query)) read.push_back(one);
        const fhir::Json bundle = asked(query);
        query.clear();
        for (const fhir::JsonView link : bundle["link"].items()) {
            EXPECT_THAT(std::string(link["url"].string()), Not(HasSubstr("anna")));
            if (link["relation"].string() == "next")
                query = link["url"].string().substr(link["url"].string().find('?') + 1);
        }
    }
    EXPECT_THAT(read, ElementsAre("t-0", "t-2", "t-3", "t-4"));
}

TEST_F(AuditEventApiTest, IsForThoseWhoReadTheLog) {
    record("anna", "t-0");
    using enum config::Role;
    for (const auto& [role, status] : {std::pair{Audit, 200}, {Operate, 200}, {Transfers, 403}}) {
        config.listen.operators[0].roles = {role};
        operators.emplace(Operators::read(config.listen).value());
        EXPECT_EQ(ask("GET", "/fhir/AuditEvent").status, status);
    }
    EXPECT_EQ(ask("GET", "/fhir/AuditEvent", "", "", "").status, 401);
}

}  // namespace
}  // namespace consultd::web
