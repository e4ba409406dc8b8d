#include "adapter/web/router.h"

#include "api_fixture.h"

namespace consultd::web {
namespace {

// A table of two doors, one of them for everybody, which tells who answered.
class RouterTest : public ApiTest {
protected:
    static RouteHandler says(const std::string& name) {
        return [name](const RoutedRequest& asked) {
            return ServerResponse{200, {}, name + " " + std::string(asked.id), false};
        };
    }
    ServerResponse ask(const std::string& method, const std::string& path,
                       const std::string& with_token = token) const {
        ServerRequest request{.method = method, .path = path};
        if (!with_token.empty()) request.headers = {{"Authorization", "Bearer " + with_token}};
        return router.handle(request);
    }
    ServerResponse ask_as_nobody(const std::string& method, const std::string& path) const {
        return ask(method, path, "");
    }
    bool body_is_read(const std::string& method, const std::string& path,
                      const std::string& with_token) const {
        ServerRequest request{.method = method, .path = path};
        if (!with_token.empty()) request.headers = {{"Authorization", "Bearer " + with_token}};
        return !router.before_body(request);
    }

    Router router{*operators,
                  {{"GET", "/open", WhoMay::Anyone, says("open")},
                   {"POST", "/open", WhoMay::Operate, says("change")},
                   {"GET", "/fhir/Basic/{id}", WhoMay::Operate, says("read")},
                   {"PUT", "/fhir/Basic/{id}", WhoMay::Operate, says("update")},
                   {"POST", "/fhir/Basic/{id}/$stop", WhoMay::Operate, says("stop")}}};
};

TEST_F(RouterTest, RequestIsAnsweredByItsRowWithTheIdInItsPath) {
    EXPECT_EQ(ask_as_nobody("GET", "/open").body, "open ");
    EXPECT_EQ(ask("POST", "/open").body, "change ");
    EXPECT_EQ(ask("GET", "/fhir/Basic/a-1").body, "read a-1");
    EXPECT_EQ(ask("PUT", "/fhir/Basic/a-1").body, "update a-1");
    EXPECT_EQ(ask("POST", "/fhir/Basic/a.2/$stop").body, "stop a.2");
}

TEST_F(RouterTest, HeadIsForWhateverIsForGet) {
    EXPECT_EQ(ask("HEAD", "/fhir/Basic/a-1").body, "read a-1");
    EXPECT_EQ(ask_as_nobody("HEAD", "/open").status, 200);
    EXPECT_EQ(ask_as_nobody("HEAD", "/fhir/Basic/a-1").status, 401);
    EXPECT_EQ(ask("HEAD", "/fhir/Basic/a-1/$stop").status, 405);
}

TEST_F(RouterTest, OtherMethodIsNotAllowedAndTheAnswerSaysWhichAre) {
    for (const char* method : {"DELETE", "OPTIONS", "TRACE", "get", "PATCH", ""}) {
        const ServerResponse refused = ask(method, "/fhir/Basic/a-1");
        EXPECT_EQ(refused.status, 405) << method;
        EXPECT_EQ(header(refused, "Allow"), "GET, HEAD, PUT") << method;
    }
    EXPECT_EQ(header(ask("GET", "/fhir/Basic/a-1/$stop"), "Allow"), "POST");
}

// Allow names what the one who asks may do, and no more.
TEST_F(RouterTest, WhoMayNotLearnsNothingOfOtherMethods) {
    EXPECT_EQ(header(ask("DELETE", "/open"), "Allow"), "GET, HEAD, POST");
    const ServerResponse refused = ask_as_nobody("POST", "/open");
    EXPECT_EQ(refused.status, 405);
    EXPECT_EQ(header(refused, "Allow"), "GET, HEAD");
    const ServerResponse known = ask_as_nobody("DELETE", "/fhir/Basic/a-1");
    const ServerResponse unknown = ask_as_nobody("DELETE", "/fhir/none");
    EXPECT_EQ(known.status, 401);
    EXPECT_EQ(known.body, unknown.body);
    EXPECT_EQ(known.headers, unknown.headers);
}

TEST_F(RouterTest, RowThatSaysNothingOfWhoMayIsForThoseWhoMayEverything) {
    EXPECT_EQ(Route{.method = "GET"}.who, WhoMay::Operate);
    EXPECT_EQ(WhoMay{}, WhoMay::Operate);
}

// Each role opens its own doors, and no role those of another.
TEST_F(RouterTest, OperatorWithoutTheRoleIsForbidden) {
    using enum config::Role;
    const std::pair<WhoMay, const char*> doors[] = {{WhoMay::Operate, "/operate"},
                                                    {WhoMay::Transfers, "/transfers"},
                                                    {WhoMay::Audit, "/audit"},
                                                    {WhoMay::Operator, "/any"}};
    std::vector<Route> table;
    for (const auto& [who, path] : doors) table.push_back({"GET", path, who, says("in")});
    const auto opened = [&](config::Role role) {
        config.listen.operators[0].roles = {role};
        operators.emplace(Operators::read(config.listen).value());
        const Router one(*operators, table);
        std::vector<std::string> in;
        for (const auto& [who, path] : doors) {
            ServerRequest request{.method = "GET", .path = path};
            request.headers = {{"Authorization", "Bearer " + token}};
            const int status = one.handle(request).status;
            EXPECT_EQ(one.before_body(request).has_value(), status == 403) << path;
            EXPECT_TRUE(status == 200 || status == 403) << path;
            if (status == 200) in.emplace_back(path);
        }
        return in;
    };
    using Paths = std::vector<std::string>;
    EXPECT_EQ(opened(Operate), (Paths{"/operate", "/transfers", "/audit", "/any"}));
    EXPECT_EQ(opened(Transfers), (Paths{"/transfers", "/any"}));
    EXPECT_EQ(opened(Audit), (Paths{"/audit", "/any"}));
}

// Whoever is ill has no token of ours; what they send is a form, and no more is read of anybody.
TEST_F(RouterTest, APatientsFormIsReadAndNothingLarger) {
    const Router one(*operators, {{"POST", "/portal/to", WhoMay::Patient, says("to")}});
    const auto status = [&](const std::string& length) {
        ServerRequest request{.method = "POST", .path = "/portal/to"};
        if (!length.empty()) request.headers = {{"Content-Length", length}};
        const auto refused = one.before_body(request);
        return refused ? refused->status : 200;
    };
    EXPECT_EQ(status("0"), 200);
    EXPECT_EQ(status("262144"), 200);
    for (const char* length : {"262145", "99999999999999999999", "", "-1", "many"})
        EXPECT_EQ(status(length), 413) << length;
    EXPECT_EQ(one.handle({.method = "POST", .path = "/portal/to"}).body, "to ");
}

// A proxy in front may see another path than we do: what is not written as the table has it is not
// there, whoever asks; a way around to an open door least of all.
TEST_F(RouterTest, PathIsTakenAsItStands) {
    for (const char* path : {"/open/",
                             "//open",
                             "/open//",
                             "/./open",
                             "/open/.",
                             "/x/../open",
                             "/open/..",
                             "/OPEN",
                             "/open;x",
                             "/open ",
                             "open",
                             "",
                             "/",
                             "/%6fpen",
                             "/fhir/Basic/..",
                             "/fhir/Basic/.",
                             "/fhir/Basic/",
                             "/fhir/Basic",
                             "/fhir//Basic/a",
                             "/fhir/Basic//a",
                             "/fhir/Basic/a/",
                             "/fhir/Basic/../../open",
                             "/fhir/Basic/a/../$stop",
                             "/fhir/Basic/{id}",
                             "/fhir/Basic/a/$stop/",
                             "/fhir/Basic/a//$stop",
                             "/fhir/Basic/../$stop",
                             "/fhir/Basic/a\\b",
                             "/fhir/Basic/a%2fb",
                             "/fhir/Basic/a b",
                             "/fhir/basic/a"}) {
        EXPECT_EQ(ask("GET", path).status, 404) << path;
        EXPECT_EQ(ask("POST", path).status, 404) << path;
        EXPECT_EQ(ask_as_nobody("GET", path).status, 401) << path;
    }
}

TEST_F(RouterTest, IdOverItsLengthIsNone) {
    EXPECT_EQ(ask("GET", "/fhir/Basic/" + std::string(64, 'a')).status, 200);
    EXPECT_EQ(ask("GET", "/fhir/Basic/" + std::string(65, 'a')).status, 404);
    EXPECT_EQ(ask("GET", "/fhir/Basic/" + std::string(1 << 20, 'a')).status, 404);
    std::string many;
    for (int i = 0; i < 100'000; ++i) many += "/a";
    EXPECT_EQ(ask("GET", many).status, 404);
}

TEST_F(RouterTest, NobodysBodyIsReadButAnOperatorsWhereItIsWanted) {
    EXPECT_TRUE(body_is_read("POST", "/fhir/Basic/a/$stop", token));
    EXPECT_TRUE(body_is_read("GET", "/open", token));
    EXPECT_FALSE(body_is_read("DELETE", "/open", token));
    EXPECT_FALSE(body_is_read("POST", "/none", token));
    for (const char* method : {"GET", "POST", "PUT"})
        for (const char* path : {"/open", "/fhir/Basic/a", "/fhir/Basic/a/$stop", "/none"})
            EXPECT_FALSE(body_is_read(method, path, "")) << method << path;
}

}  // namespace
}  // namespace consultd::web
