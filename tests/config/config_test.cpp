#include "config/config.h"

#include <gmock/gmock.h>
#include <sys/stat.h>

#include "config_folder.h"
#include "tests/support/source_folder.h"

namespace consultd::config {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::StartsWith;

TEST_F(ConfigTest, LeastConfigLoadsWithItsDefaults) {
    const Loaded loaded = load_text(whole);
    ASSERT_TRUE(loaded.config) << loaded.problems.at(0).text;
    EXPECT_EQ(loaded.config->listen.address, "127.0.0.1");
    EXPECT_EQ(loaded.config->state.keep_records, std::chrono::hours(24 * 7));
    EXPECT_EQ(loaded.config->limits.resources, 200'000u);
    EXPECT_EQ(loaded.config->limits.memory_bytes, std::uint64_t{4} << 30);
    EXPECT_EQ(loaded.config->sources.at("general").pull.pages_max, 5000u);
    EXPECT_EQ(loaded.config->destinations.at("center").deliver.patient,
              Deliver::Patient::MatchOrCreate);
    EXPECT_EQ(loaded.config->destinations.at("center").auth.scope, "system/*.cruds");
}

TEST_F(ConfigTest, EveryProblemIsListedAtOnceInTheOrderOfTheFile) {
    const std::string text = R"({
      "state": {"keyFile": 7, "keepRecord": "7d"},
      "audit": {"origin": "a b", "keyFile": "audit.key"},
      "listen": {"port": 70000},
      "sources": {"general": {"name": "G", "fhirBaseUrl": "http://ehr.example/fhir",
        "auth": {"type": "smart-backend", "keyFile": "k.pem", "algorithm": "HS256"}}},
      "destinations": {"center": {"name": "C", "fhirBaseUrl": "https://c.example/r4",
        "auth": {"type": "password"}, "follow": {"every": "15 minutes", "for": "800d"}}}
    })";
    EXPECT_THAT(
        problems(text),
        ElementsAre("/state/directory is missing", "/state/keyFile must be of type string",
                    "/state/keepRecord is not known here; did you mean \"keepRecords\"?",
                    StartsWith("/audit/origin must match "), "/listen/port must be from 0 to 65535",
                    "/sources/general/fhirBaseUrl must be https, unless it is a loopback "
                    "address",
                    "/sources/general/auth/clientId is missing; \"smart-backend\" needs it",
                    "/sources/general/auth/algorithm must be one of: RS384, ES384",
                    "/destinations/center/auth/type must be one of: smart-backend, "
                    "smart-patient, bearer, basic, none",
                    StartsWith("/destinations/center/follow/every must match "),
                    "/destinations/center/follow/for must be a duration from 1s to 730d"));
}

// A key that does nothing is refused, so that nobody relies on it.
TEST_F(ConfigTest, AKeyThatDoesNothingIsRefused) {
    EXPECT_THAT(problems(with("{", R"({"terminology": {"conceptMaps": ["m.json"]},)")),
                ElementsAre("/terminology is not known here"));
}

TEST_F(ConfigTest, KnowledgeIsNamedRelativeToTheFilesFolder) {
    const Loaded loaded = load_text(
        with("{", R"({"knowledge": {"maps": ["maps/*.json", "/etc/m.json"], "plans": []},)"));
    ASSERT_TRUE(loaded.config.has_value());
    EXPECT_THAT(loaded.config->knowledge.maps, ElementsAre(folder + "/maps/*.json", "/etc/m.json"));
    EXPECT_TRUE(loaded.config->knowledge.plans.empty());
    // One that is none keeps its place, so that those behind it are told by theirs.
    const Loaded with_none =
        load_text(with("{", R"({"knowledge": {"maps": ["", "/etc/m.json"]},)"));
    EXPECT_FALSE(with_none.config.has_value());
    EXPECT_THAT(with_none.readable.knowledge.maps, ElementsAre("", "/etc/m.json"));
    EXPECT_THAT(problems(with("{", R"({"knowledge": {"map": [], "maps": ""},)")),
                ElementsAre("/knowledge/map is not known here; did you mean \"maps\"?",
                            "/knowledge/maps must be of type array"));
}

TEST_F(ConfigTest, WhatIsMissingIsSaidOnce) {
    EXPECT_THAT(problems(with(R"("fhirBaseUrl": "https://ehr.example/fhir",)", "")),
                ElementsAre("/sources/general/fhirBaseUrl is missing"));
    EXPECT_THAT(problems("{}"), ElementsAre("/state is missing", "/audit is missing",
                                            "/sources is missing", "/destinations is missing"));
    EXPECT_THAT(problems("[]"), ElementsAre("/ must be of type object"));
}

TEST_F(ConfigTest, NamesInPathsAreEscapedAsInAJsonPointer) {
    EXPECT_THAT(problems(with(R"("general": {)", R"("a/b~c": {"nane": "", )")),
                ElementsAre("/sources/a~1b~0c/nane is not known here; did you mean \"name\"?"));
    EXPECT_THAT(problems(with(R"("general": {"name": "General Hospital", "fhirBaseUrl": "https:)",
                              R"("a/b": {"name": "G", "fhirBaseUrl": "http:)")),
                ElementsAre(StartsWith("/sources/a~1b/fhirBaseUrl must be https")));
}

// A suggestion far off would send an operator the wrong way.
TEST_F(ConfigTest, NothingIsSuggestedForANameThatIsNearNone) {
    EXPECT_THAT(problems(with(R"("audit": {)", R"("completelyElse": 1, "audit": {)")),
                ElementsAre("/completelyElse is not known here"));
}

TEST_F(ConfigTest, CommentsAndTrailingCommasAreAllowed) {
    EXPECT_THAT(problems("// ours\n" + with(R"("auth": {"type": "none"}}},)",
                                            "\"auth\": /* open */ {\"type\": \"none\",},},},")),
                ElementsAre());
}

TEST_F(ConfigTest, SyntaxErrorNamesTheLine) {
    EXPECT_THAT(problems("{\n  \"state\": {},\n  \"audit\" }\n"),
                ElementsAre(StartsWith("/ line 3: ")));
    EXPECT_THAT(problems("{\"state\": 1,\n\"state\": 2}"), ElementsAre(StartsWith("/ line 2: ")));
    EXPECT_THAT(problems(""), ElementsAre(StartsWith("/ line 1: ")));
}

TEST_F(ConfigTest, AbsentFileIsNotFound) {
    EXPECT_EQ(load(folder + "/none.json").error().kind(), ErrorKind::NotFound);
    EXPECT_EQ(load(folder).error().kind(), ErrorKind::NotFound);
    const std::string pipe = folder + "/pipe.json";  // nobody writes to it: reading would wait
    ASSERT_EQ(::mkfifo(pipe.c_str(), 0600), 0);
    EXPECT_EQ(load(pipe).error().kind(), ErrorKind::NotFound);
}

TEST_F(ConfigTest, RelativePathsAreRelativeToTheFile) {
    const Loaded loaded =
        load_text(with(R"("keyFile": "state.key")", R"("keyFile": "keys/../state.key")"));
    ASSERT_TRUE(loaded.config);
    EXPECT_EQ(loaded.config->folder, folder);
    EXPECT_EQ(loaded.config->state.directory, folder + "/state");
    EXPECT_EQ(loaded.config->state.key_file, folder + "/state.key");
    const Loaded absolute = load_text(with(R"("directory": "state")", R"("directory": "/srv/x")"));
    EXPECT_EQ(absolute.config.value().state.directory, "/srv/x");
}

TEST_F(ConfigTest, PlainHttpIsForLoopbackAlone) {
    for (const char* url :
         {"http://127.0.0.1:8080/fhir", "http://localhost/fhir", "http://[::1]/f"})
        EXPECT_THAT(problems(with("https://ehr.example/fhir", url)), ElementsAre()) << url;
    for (const char* url : {"http://ehr.example/fhir", "http://127.0.0.1.example/fhir",
                            "http://10.0.0.1/fhir", "http://localhost.example/fhir"})
        EXPECT_THAT(problems(with("https://ehr.example/fhir", url)),
                    ElementsAre(StartsWith("/sources/general/fhirBaseUrl must be https")))
            << url;
    EXPECT_THAT(problems(with("https://ehr.example/fhir", "https://user@ehr.example/fhir")),
                ElementsAre(HasSubstr("without user")));
}

TEST_F(ConfigTest, WithoutTlsTheDaemonListensOnLoopbackOnly) {
    const auto listen = [this](const std::string& members) {
        return problems(with(R"("audit")", "\"listen\": {" + members + "}, \"audit\""));
    };
    EXPECT_THAT(listen(R"("address": "::1")"), ElementsAre());
    for (const char* address : {"0.0.0.0", "::", "192.0.2.7"})
        EXPECT_THAT(listen("\"address\": \"" + std::string(address) + "\""),
                    ElementsAre(StartsWith("/listen/address must be a loopback address")))
            << address;
    // A name that only looks like one is resolved by somebody else.
    for (const char* address : {"127.0.0.1.example.org", "localhost", "127.1"})
        EXPECT_THAT(listen("\"address\": \"" + std::string(address) + "\""),
                    ElementsAre(StartsWith("/listen/address must be an IP address")))
            << address;
    EXPECT_THAT(listen(R"("address": "0.0.0.0", "tls": {"certificateFile": "c", "keyFile": "k"})"),
                ElementsAre());
    EXPECT_THAT(listen(R"("tls": {"certificateFile": "c"})"),
                ElementsAre("/listen/tls/keyFile is missing"));
}

TEST_F(ConfigTest, CertificateAndKeyOfAClientComeTogether) {
    const auto tls = [this](const std::string& members) {
        return problems(with(R"("auth": {"type": "none"}}})",
                             R"("auth": {"type": "none"}, "tls": {)" + members + "}}}"));
    };
    EXPECT_THAT(tls(R"("caFile": "ca.pem")"), ElementsAre());
    EXPECT_THAT(tls(R"("certificateFile": "c", "keyFile": "k")"), ElementsAre());
    for (const char* one : {R"("certificateFile": "c")", R"("keyFile": "k")"})
        EXPECT_THAT(tls(one), ElementsAre(StartsWith("/sources/general/tls needs both"))) << one;
}

TEST_F(ConfigTest, EachAuthTypeNeedsItsOwnFields) {
    const auto auth = [this](const std::string& members) {
        return problems(with(R"({"type": "none"})", "{" + members + "}"));
    };
    EXPECT_THAT(auth(R"("type": "smart-backend", "clientId": "c")"),
                ElementsAre(StartsWith("/sources/general/auth/keyFile is missing")));
    EXPECT_THAT(auth(R"("type": "bearer")"),
                ElementsAre(StartsWith("/sources/general/auth/tokenFile is missing")));
    EXPECT_THAT(auth(R"("type": "basic")"),
                ElementsAre(StartsWith("/sources/general/auth/user is missing"),
                            StartsWith("/sources/general/auth/passwordFile is missing")));
    EXPECT_THAT(auth(R"("type": "smart-patient")"),
                ::testing::Contains(StartsWith("/sources/general/auth/clientId is missing")));
    EXPECT_THAT(auth(R"("clientId": "c")"), ElementsAre("/sources/general/auth/type is missing"));
}

TEST_F(ConfigTest, OperatorWithoutATokenHashFileStopsTheStart) {
    const std::string text =
        with(R"("audit")",
             R"("listen": {"operators": [{"name": "it", "tokenHashFile": "it.hash"}]}, "audit")");
    EXPECT_THAT(problems(text),
                ElementsAre("/listen/operators/0/tokenHashFile names a file that is not there"));
    write("it.hash", "00");
    EXPECT_THAT(problems(text), ElementsAre());
}

// Whoever is in the list can be told apart from everybody else, and may do something.
TEST_F(ConfigTest, OperatorHasAWayToBeKnownAndARole) {
    write("it.hash", "00");
    const auto listen = [&](const std::string& operators) {
        return problems(
            with(R"("audit")", R"("listen": {"operators": [)" + operators + R"(]}, "audit")"));
    };
    const std::string it = R"({"name": "it", "tokenHashFile": "it.hash")";
    EXPECT_THAT(listen(R"({"name": "it"})"),
                ElementsAre(StartsWith("/listen/operators/0 needs a tokenHashFile")));
    EXPECT_THAT(listen(it + R"(, "roles": []})"),
                ElementsAre("/listen/operators/0/roles names no role"));
    EXPECT_THAT(listen(it + R"(, "roles": ["root"]})"),
                ElementsAre(StartsWith("/listen/operators/0/roles/0 must be one of: ")));
    EXPECT_THAT(listen(it + "}, " + it + "}"),
                ElementsAre("/listen/operators/1/name is another operator's already"));
    EXPECT_THAT(listen(R"({"name": "it", "certificateSubject": "CN=it"})"),
                ElementsAre(StartsWith("/listen/operators/0 has a certificate, which needs ")));
    EXPECT_THAT(listen(R"({"name": "it", "certificateSha256": "00"})"),
                ::testing::Contains(StartsWith("/listen/operators/0/certificateSha256 ")));
}

TEST_F(ConfigTest, CertificateIsNamedAsOpensslPrintsItsFingerprint) {
    std::string printed = "AB", plain = "ab";
    for (int i = 0; i < 31; ++i) {
        printed += ":0F";
        plain += "0f";
    }
    for (const char* file : {"c", "k", "a"}) write(file, "x");
    const Result<Loaded> loaded =
        load_text(with(R"("audit")", R"("listen": {"tls": {"certificateFile": "c", "keyFile": "k",
          "clientCaFile": "a"}, "operators": [{"name": "it", "roles": ["transfers", "audit"],
          "certificateSha256": ")" + printed +
                                         R"("}]}, "audit")"));
    ASSERT_TRUE(loaded->config.has_value());
    EXPECT_EQ(loaded->config->listen.operators.at(0).certificate_sha256, plain);
    EXPECT_EQ(loaded->config->listen.operators.at(0).roles,
              (std::vector<Role>{Role::Transfers, Role::Audit}));
}

TEST_F(ConfigTest, ShippedExampleLoadsOnceItsHashFileIsThere) {
    const std::string file = folder + "/consultd.json";
    std::filesystem::copy(source_folder() + "/config/consultd.example.json", file);
    EXPECT_THAT(load(file)->problems.at(0).path, "/listen/operators/0/tokenHashFile");
    write("it-desk.hash", std::string(64, '0'));
    const Result<Loaded> loaded = load(file);
    ASSERT_TRUE(loaded->config) << loaded->problems.at(0).path << " " << loaded->problems[0].text;
    EXPECT_EQ(loaded->config->sources.at("general").auth.key_file, folder + "/general.pem");
}

TEST(ConfigUnits, DurationsCarryTheirUnit) {
    const std::pair<const char*, std::optional<Milliseconds>> table[] = {
        {"250ms", Milliseconds(250)},
        {"30s", std::chrono::seconds(30)},
        {"15m", std::chrono::minutes(15)},
        {"2h", std::chrono::hours(2)},
        {"90d", std::chrono::hours(2160)},
        {"30", std::nullopt},
        {"s", std::nullopt},
        {"", std::nullopt},
        {"-1s", std::nullopt},
        {"1.5h", std::nullopt},
        {"1 h", std::nullopt},
        {"1H", std::nullopt},
        {"1hm", std::nullopt},
        {" 1h", std::nullopt},
        {"99999999999999999d", std::nullopt},
        {"99999999999999999999s", std::nullopt}};
    for (const auto& [text, wanted] : table) EXPECT_EQ(parse_duration(text), wanted) << text;
}

TEST(ConfigUnits, SizesCarryTheirUnit) {
    const std::pair<const char*, std::optional<std::uint64_t>> table[] = {
        {"12B", 12},
        {"64KiB", 65'536},
        {"20MiB", 20'971'520},
        {"2GiB", 2147483648},
        {"20MB", std::nullopt},
        {"20", std::nullopt},
        {"MiB", std::nullopt},
        {"", std::nullopt},
        {"-1B", std::nullopt},
        {"1e3B", std::nullopt},
        {"9999999999999GiB", std::nullopt}};
    for (const auto& [text, wanted] : table) EXPECT_EQ(parse_size(text), wanted) << text;
}

}  // namespace
}  // namespace consultd::config
