#include "fixtures.h"

namespace consultd::sandbox {
namespace {

using testing::json;
using testing::observation;
using testing::patient;
using testing::SandboxTest;

// A source of one habit, with two patients.
class BulkSandbox : public SandboxTest {
protected:
    explicit BulkSandbox(std::string_view habit) : SandboxTest(of(habit)) {
        put(patient("1"));
        put(patient("2"));
        put(observation("a", "1", "laboratory", "2024-01-01"));
        put(observation("b", "2", "laboratory", "2024-01-01"));
        put(json("{'resourceType':'Practitioner','id':'p'}"));
    }
    static SandboxOptions of(std::string_view habit) {
        SandboxOptions options = open_to_all();
        EXPECT_TRUE(options.habits.add(habit).ok());
        return options;
    }
    // Where the export of patient 1 goes on.
    std::string begun() {
        const auto answer = send(
            "POST", "/fhir/Patient/$export",
            R"({"resourceType":"Parameters","parameter":[{"name":"patient","valueReference":{"reference":"Patient/1"}}]})",
            {{"Prefer", "respond-async"}});
        EXPECT_EQ(answer.status, 202);
        return header(answer, "Content-Location");
    }
};

struct Ready : BulkSandbox {
    Ready() : BulkSandbox("bulk") {}
};
struct Polled : BulkSandbox {
    Polled() : BulkSandbox("bulk-polls:2") {}
};

TEST_F(Ready, AnExportHasOnePatientsRecordAndWhatIsNobodys) {
    const std::string status = begun();
    const fhir::Json manifest = get(status);
    std::string all;
    for (const fhir::JsonView file : manifest["output"].items())
        all += send("GET", std::string(file["url"].string())).body;
    EXPECT_NE(all.find(R"("id":"a")"), std::string::npos);
    EXPECT_NE(all.find("Practitioner"), std::string::npos);
    EXPECT_EQ(all.find(R"("id":"b")"), std::string::npos);
    EXPECT_EQ(send("DELETE", status).status, 202);
    EXPECT_EQ(send("GET", status).status, 404);
}

TEST_F(Ready, WithoutRespondAsyncNothingIsBegun) {
    EXPECT_EQ(send("POST", "/fhir/Patient/$export", "{}").status, 400);
}

TEST_F(Polled, AnExportIsReadyAfterSoManyLooks) {
    const std::string status = begun();
    for (int looks = 0; looks < 2; ++looks) {
        const auto answer = send("GET", status);
        EXPECT_EQ(answer.status, 202);
        EXPECT_EQ(header(answer, "Retry-After"), "1");
    }
    EXPECT_EQ(send("GET", status).status, 200);
}

}  // namespace
}  // namespace consultd::sandbox
