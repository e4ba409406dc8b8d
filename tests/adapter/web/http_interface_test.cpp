// The table of all routes, row by row: who gets in, and that it is no other row's request.
#include "adapter/web/http_interface.h"

#include <gmock/gmock.h>

#include "adapter/web/server/http_message.h"
#include "api_fixture.h"

namespace consultd::web {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::UnorderedElementsAreArray;

class HttpInterfaceTest : public ApiTest {
protected:
    static std::string with_id(std::string_view pattern, const std::string& id) {
        std::string path(pattern);
        const std::size_t at = path.find("{id}");
        return at == std::string::npos ? path : path.replace(at, 4, id);
    }
    // A request of this row, which finds what it is for.
    ServerResponse ask_at(const Route& route, const std::string& id,
                          const std::string& with_token) {
        return ask(std::string(route.method), with_id(route.pattern, id), "", task(), with_token);
    }
    // As the server reads it: percent-decoded once. Absent: the server refuses it by itself.
    std::optional<ServerResponse> ask_target(const std::string& method, const std::string& target,
                                             const std::string& with_token) {
        ServerRequest request{.method = method};
        if (!read_target(target, request)) return std::nullopt;
        return ask(method, request.path, request.query, "", with_token);
    }
    std::size_t transfers() { return store->list({}).value().size(); }
};

TEST_F(HttpInterfaceTest, EveryRowRefusesWhoHasNoCredentialsUnlessItSaysAnyone) {
    const std::string id = create();
    const auto state = [&] { return store->find(id).value().value().state; };
    for (const Route& route : api->routes())
        for (const char* wrong : {"", "wrong", "0123456789abcdef0123456789abcde"}) {
            const ServerResponse response = ask_at(route, id, wrong);
            if (route.who == WhoMay::Anyone) {
                EXPECT_EQ(response.status, 200) << route.pattern;
                EXPECT_THAT(response.body, Not(HasSubstr("anna"))) << route.pattern;
                EXPECT_THAT(response.body, Not(HasSubstr(id))) << route.pattern;
                continue;
            }
            EXPECT_EQ(response.status, 401) << route.pattern;
            EXPECT_EQ(header(response, "WWW-Authenticate"), "Bearer realm=\"consultd\"");
            EXPECT_EQ(transfers(), 1u) << route.pattern;
            EXPECT_EQ(state(), TransferState::Requested) << route.pattern;
        }
    Lease lease = store->claim(id, clock.now(), std::chrono::minutes(2), "one").value().value();
    ASSERT_TRUE(
        store->save(lease, lease.transfer, {seal_part(sealer, id, Part::Bundle, "{}")}).ok());
    ASSERT_TRUE(store->release(lease).ok());
    for (const Route& route : api->routes())
        EXPECT_LT(ask_at(route, id, token).status, 300) << route.pattern;
}

// Whoever is let in without credentials is so for a reason that stands here too.
TEST_F(HttpInterfaceTest, OnlyTheseAreForAnyone) {
    std::vector<std::string_view> open;
    for (const Route& route : api->routes())
        if (route.who == WhoMay::Anyone) {
            open.push_back(route.pattern);
            EXPECT_EQ(route.method, "GET") << route.pattern;
        }
    EXPECT_THAT(open, UnorderedElementsAreArray(
                          {"/healthz", "/readyz", "/.well-known/jwks.json", "/fhir/metadata"}));
}

TEST_F(HttpInterfaceTest, NoTwoRowsMatchOneRequest) {
    // Where two patterns meet, they meet in a path that has one of these for the id.
    std::vector<std::string> ids{"a"};
    for (const Route& route : api->routes()) {
        std::string_view rest = route.pattern;
        while (!rest.empty()) {
            rest.remove_prefix(1);
            ids.emplace_back(rest.substr(0, rest.find('/')));
            rest.remove_prefix(ids.back().size());
        }
    }
    for (const Route& one : api->routes())
        for (const std::string& id : ids) {
            const std::string path = with_id(one.pattern, id);
            if (!match(one.pattern, path)) continue;
            for (const Route& other : api->routes())
                EXPECT_TRUE(&other == &one || other.method != one.method ||
                            !match(other.pattern, path))
                    << one.pattern << " " << other.pattern;
        }
}

TEST_F(HttpInterfaceTest, EveryRowHasASoundPatternAndAHandler) {
    for (const Route& route : api->routes()) {
        EXPECT_TRUE(route.handler) << route.pattern;
        EXPECT_TRUE(match(route.pattern, with_id(route.pattern, "a"))) << route.pattern;
        EXPECT_THAT(std::vector<std::string_view>({"GET", "POST"}),
                    ::testing::Contains(route.method));
    }
}

TEST_F(HttpInterfaceTest, EveryRowAnswersOtherMethodsWithTheOnesItHas) {
    for (const Route& route : api->routes())
        for (const char* method : {"DELETE", "OPTIONS", "PUT", "PATCH", "CONNECT", "TRACE"}) {
            const std::string path = with_id(route.pattern, "a");
            const ServerResponse response = ask(method, path);
            EXPECT_EQ(response.status, 405) << method << path;
            EXPECT_THAT(header(response, "Allow"), HasSubstr(std::string(route.method)));
            EXPECT_EQ(ask(method, path, "", "", "").status,
                      route.who == WhoMay::Anyone ? 405 : 401);
        }
    EXPECT_EQ(header(ask("PUT", "/fhir/Task"), "Allow"), "GET, HEAD, POST");
    EXPECT_EQ(header(ask("DELETE", "/fhir/Task/a"), "Allow"), "GET, HEAD");
    EXPECT_EQ(header(ask("GET", "/fhir/Task/a/$cancel"), "Allow"), "POST");
    EXPECT_EQ(header(ask("OPTIONS", "/healthz"), "Allow"), "GET, HEAD");
}

TEST_F(HttpInterfaceTest, EveryAnswerIsKeptByNoCacheAndRunByNoBrowser) {
    const std::string id = create();
    for (const Route& route : api->routes())
        for (const std::string& given : {token, std::string()}) {
            const ServerResponse response = ask_at(route, id, given);
            EXPECT_EQ(header(response, "Cache-Control"), "no-store") << route.pattern;
            EXPECT_EQ(header(response, "X-Content-Type-Options"), "nosniff") << route.pattern;
        }
}

// Whoever has no token cannot tell what exists.
TEST_F(HttpInterfaceTest, WithoutATokenEverythingLooksTheSame) {
    const std::string id = create();
    const ServerResponse known = ask("GET", "/fhir/Task/" + id, "", "", "");
    EXPECT_EQ(known.status, 401);
    EXPECT_EQ(json(known)["resourceType"].string(), "OperationOutcome");
    const std::pair<const char*, std::string> asked[] = {
        {"GET", "/fhir/Task/0b9f3c1e-7a55-4a57-9f0e-3f6f0f1d2c3b"},
        {"GET", "/fhir/Task"},
        {"POST", "/fhir/Task"},
        {"POST", "/fhir/Task/" + id + "/$cancel"},
        {"DELETE", "/fhir/Task/" + id},
        {"GET", "/fhir/none"}};
    for (const auto& [method, path] : asked) {
        const ServerResponse unknown = ask(method, path, "", task(), "");
        EXPECT_EQ(unknown.body, known.body) << path;
        EXPECT_EQ(unknown.headers, known.headers) << path;
    }
    for (const auto& [method, path] : {std::pair{"POST", "/none"}, {"GET", "/"}}) {
        const ServerResponse page = ask(method, path, "", "", "");
        EXPECT_EQ(page.status, 401);
        EXPECT_EQ(header(page, "Content-Type"), "text/html; charset=utf-8");
        EXPECT_EQ(header(ask(method, path), "Content-Type"), "text/html; charset=utf-8");
        EXPECT_EQ(ask(method, path).status, 404);
    }
}

TEST_F(HttpInterfaceTest, BodyIsReadOfNobodyButAnOperator) {
    for (const Route& route : api->routes()) {
        ServerRequest request{.method = std::string(route.method),
                              .path = with_id(route.pattern, "a")};
        const auto refused = api->before_body(request);
        ASSERT_TRUE(refused) << route.pattern;
        EXPECT_EQ(refused->status, 401);
        request.headers = {{"Authorization", "Bearer " + token}};
        EXPECT_FALSE(api->before_body(request)) << route.pattern;
    }
}

TEST_F(HttpInterfaceTest, PercentEncodedPathIsTheSamePathOrNone) {
    EXPECT_EQ(ask_target("GET", "/fhir/T%61sk", token)->status, 200);
    EXPECT_EQ(ask_target("GET", "/fhir/T%61sk", "")->status, 401);
    EXPECT_EQ(ask_target("GET", "/%68ealthz", "")->status, 200);
    EXPECT_EQ(ask_target("POST", "/fhir/Task/none/%24cancel", "")->status, 401);
    EXPECT_EQ(ask_target("POST", "/fhir/Task/none/%24cancel", token)->status, 404);
    EXPECT_EQ(ask_target("GET", "/fhir/Task?_count=1", token)->status, 200);
    for (const char* target : {"/fhir/T%2561sk", "/%2e%2e/healthz", "/fhir/%2E%2E/healthz",
                               "/fhir/Task/%2e%2e", "/healthz%3Bx", "/healthz%20", "//healthz",
                               "/healthz/", "/fhir/Task/../../healthz", "/healthz%3F"}) {
        EXPECT_EQ(ask_target("GET", target, "")->status, 401) << target;
        EXPECT_EQ(ask_target("GET", target, token)->status, 404) << target;
    }
    for (const char* target : {"/fhir%2FTask", "/fhir/Task%2fa", "/healthz%00", "/%", "/%zz", "*",
                               "fhir/Task", "/fhir/Task#a"})
        EXPECT_FALSE(ask_target("GET", target, token)) << target;
}

// What is said of the interface is what the table has, and the other way round.
TEST_F(HttpInterfaceTest, CapabilityStatementNamesTheRowsBelowFhir) {
    std::vector<std::string> stated{"GET /fhir/metadata"};
    const fhir::Json body = json(ask("GET", "/fhir/metadata"));
    const std::map<std::string, std::string, std::less<>> rows = {
        {"read", "GET /fhir/TYPE/{id}"},
        {"create", "POST /fhir/TYPE"},
        {"search-type", "GET /fhir/TYPE"}};
    const auto state = [&](std::string row, std::string_view type) {
        stated.push_back(row.replace(row.find("TYPE"), 4, type));
    };
    for (const fhir::JsonView resource : body["rest"].items()[0]["resource"].items()) {
        for (const fhir::JsonView one : resource["interaction"].items())
            state(rows.at(std::string(one["code"].string())), resource["type"].string());
        for (const fhir::JsonView one : resource["operation"].items())
            state("POST /fhir/TYPE/{id}/$" + std::string(one["name"].string()),
                  resource["type"].string());
    }
    std::vector<std::string> table;
    for (const Route& route : api->routes())
        if (route.pattern.starts_with("/fhir/"))
            table.push_back(std::string(route.method) + " " + std::string(route.pattern));
    EXPECT_THAT(stated, UnorderedElementsAreArray(table));
}

TEST_F(HttpInterfaceTest, NotReadyIs503WithTheReason) {
    ready = Error(ErrorKind::Storage, "a write to the disk failed");
    const ServerResponse response = ask("GET", "/readyz", "", "", "");
    EXPECT_EQ(response.status, 503);
    EXPECT_EQ(json(response)["reason"].string(), "a write to the disk failed");
    EXPECT_EQ(ask("GET", "/healthz", "", "", "").status, 200);
}

}  // namespace
}  // namespace consultd::web
