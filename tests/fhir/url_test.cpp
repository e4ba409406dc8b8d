#include "fhir/url.h"

#include <gtest/gtest.h>

namespace consultd::fhir {
namespace {

Url url(std::string_view text) {
    auto parsed = Url::parse(text);
    EXPECT_TRUE(parsed.ok()) << text;
    return parsed.ok() ? *parsed : Url();
}

TEST(UrlTest, ComesApartAndTogether) {
    const Url parsed = url("HTTPS://EHR.Example.org:8443/FHIR/r4?_count=5&x=%41#top");
    EXPECT_EQ(parsed.scheme(), "https");
    EXPECT_EQ(parsed.host(), "ehr.example.org");
    EXPECT_EQ(parsed.port(), 8443);
    EXPECT_EQ(parsed.path(), "/FHIR/r4");
    EXPECT_EQ(parsed.query(), "_count=5&x=%41");
    EXPECT_EQ(parsed.text(), "https://ehr.example.org:8443/FHIR/r4?_count=5&x=%41");
    EXPECT_EQ(parsed.origin(), "https://ehr.example.org:8443");
    EXPECT_EQ(url("http://h").text(), "http://h/");
    EXPECT_EQ(url("http://h").origin(), "http://h:80");
    EXPECT_EQ(url("https://h:443/").text(), "https://h/");
    EXPECT_EQ(url("http://[0:0::1]:81/x").text(), "http://[::1]:81/x");
    EXPECT_EQ(url("http://h:?a").path_and_query(), "/?a");
}

// Each of these is read differently by some other reader: as another host, path or header.
TEST(UrlTest, WhatCouldBeReadAsAnotherPlaceIsRefused) {
    for (const char* text : {"",
                             "/Patient",
                             "ehr.example.org/fhir",
                             "ftp://h/",
                             "javascript:alert(1)",
                             "http:/h/",
                             "http:h",
                             "http://",
                             "https:///fhir",
                             "http://:80/",
                             "http://user@h/",
                             "http://u:p@h/",
                             "http://good.example@evil.example/",
                             "http://h\\@evil/",
                             "http://h/a b",
                             " http://h/",
                             "http://h/\n",
                             "http://h/\r\nHost: evil",
                             "http://h/\t",
                             "http://h/%",
                             "http://h/%4",
                             "http://h/%zz",
                             "http://h/?q=%",
                             "http://h:0/",
                             "http://h:65536/",
                             "http://h:99999999999/",
                             "http://h:8o/",
                             "http://h:-1/",
                             "http://h:80:80/",
                             "http://[::1/",
                             "http://[]/",
                             "http://[::1]x/",
                             "http://[fe80::1%25eth0]/",
                             "http://[127.0.0.1]/",
                             "http://h%41/",
                             "http://h|/",
                             "http://127.1/",
                             "http://2130706433/",
                             "http://0x7f000001/",
                             "http://0x7f.0.0.1/",
                             "http://127.0.0.1./",
                             "http://256.0.0.1/",
                             "http://.h/",
                             "http://a..b/",
                             "http://h\x7f/",
                             "http://h\xc3\xa9/"})
        EXPECT_FALSE(Url::parse(text).ok()) << text;
    EXPECT_FALSE(Url::parse(std::string_view("http://h/\0", 10)).ok());
    EXPECT_FALSE(Url::parse("http://h/" + std::string(40'000, 'a')).ok());
    EXPECT_FALSE(Url::parse("http://" + std::string(300, 'a') + "/").ok());
}

TEST(UrlTest, WhatServersLeaveBareIsEscaped) {
    EXPECT_EQ(url("http://h/P?identifier=urn:x|1").query(), "identifier=urn:x%7C1");
    EXPECT_EQ(url("http://h/P?name=M\xc3\xbcller").query(), "name=M%C3%BCller");
    EXPECT_EQ(url("http://h/P?a=%7c").query(), "a=%7c");
}

// The examples of RFC 3986 §5.4 whose result is an http URL, without fragments.
TEST(UrlTest, ResolvesAsRfc3986HasIt) {
    const Url base = url("http://a/b/c/d;p?q");
    const std::pair<const char*, const char*> cases[] = {{"g", "http://a/b/c/g"},
                                                         {"./g", "http://a/b/c/g"},
                                                         {"g/", "http://a/b/c/g/"},
                                                         {"/g", "http://a/g"},
                                                         {"//g", "http://g/"},
                                                         {"?y", "http://a/b/c/d;p?y"},
                                                         {"g?y", "http://a/b/c/g?y"},
                                                         {"#s", "http://a/b/c/d;p?q"},
                                                         {"g#s", "http://a/b/c/g"},
                                                         {";x", "http://a/b/c/;x"},
                                                         {"", "http://a/b/c/d;p?q"},
                                                         {".", "http://a/b/c/"},
                                                         {"./", "http://a/b/c/"},
                                                         {"..", "http://a/b/"},
                                                         {"../g", "http://a/b/g"},
                                                         {"../..", "http://a/"},
                                                         {"../../g", "http://a/g"},
                                                         {"../../../g", "http://a/g"},
                                                         {"/./g", "http://a/g"},
                                                         {"/../g", "http://a/g"},
                                                         {"g.", "http://a/b/c/g."},
                                                         {"..g", "http://a/b/c/..g"},
                                                         {"./../g", "http://a/b/g"},
                                                         {"g/./h", "http://a/b/c/g/h"},
                                                         {"g/../h", "http://a/b/c/h"},
                                                         {"g;x=1/../y", "http://a/b/c/y"},
                                                         {"g?y/../x", "http://a/b/c/g?y/../x"}};
    for (const auto& [reference, expected] : cases)
        EXPECT_EQ(base.resolve(reference)->text(), expected) << reference;
}

TEST(UrlTest, ALinkCannotTurnIntoAnotherSchemeOrCarryBrokenText) {
    const Url base = url("https://ehr.example/fhir/Patient?_count=5");
    EXPECT_EQ(base.resolve("/fhir?page=2")->text(), "https://ehr.example/fhir?page=2");
    for (const char* link : {"ftp://ehr.example/", "file:///etc/passwd", "g:h", "http:g",
                             "//user@evil/", "\\\\evil\\", "/a\nb", "/%", "https:evil"})
        EXPECT_FALSE(base.resolve(link).ok()) << link;
}

TEST(UrlTest, OriginIsSchemeHostAndPort) {
    const Url base = url("https://ehr.example/fhir");
    EXPECT_TRUE(base.same_origin(url("https://EHR.example:443/other?x")));
    for (const char* other : {"http://ehr.example/fhir", "https://ehr.example:8443/fhir",
                              "https://ehr.example.evil.example/fhir", "https://xehr.example/",
                              "https://ehr.example./fhir"})
        EXPECT_FALSE(base.same_origin(url(other))) << other;
}

TEST(UrlTest, LoopbackIsKnownByItsSpelling) {
    for (const char* text : {"http://localhost/", "http://127.0.0.1:8080/", "http://127.9.9.9/",
                             "http://[::1]/", "http://LOCALHOST/"})
        EXPECT_TRUE(url(text).is_loopback()) << text;
    for (const char* text : {"http://localhost.evil.example/", "http://127.0.0.1.evil.example/",
                             "http://128.0.0.1/", "http://10.0.0.1/", "http://[::2]/"})
        EXPECT_FALSE(url(text).is_loopback()) << text;
}

TEST(UrlTest, BelowTakesABaseWithAndWithoutASlash) {
    EXPECT_EQ(url("https://h/fhir").below("Patient/1").text(), "https://h/fhir/Patient/1");
    EXPECT_EQ(url("https://h/fhir/?x").below("/Patient/1").text(), "https://h/fhir/Patient/1");
    EXPECT_EQ(url("https://h").below("metadata").text(), "https://h/metadata");
    EXPECT_EQ(url("https://h/f").below("a?b#c d").text(), "https://h/f/a%3Fb%23c%20d");
    EXPECT_EQ(url("https://h/f").below("").text(), "https://h/f/");
}

TEST(QueryTest, EncodesWhatSeparates) {
    Query query;
    query.add("identifier", "http://x|a&b=c").add("name:exact", "M\xc3\xbcller +~");
    EXPECT_EQ(query.text(),
              "identifier=http%3A%2F%2Fx%7Ca%26b%3Dc&name%3Aexact=M%C3%BCller%20%2B~");
    EXPECT_EQ(url("https://h/f").with_query(query.text()).query(), query.text());
}

}  // namespace
}  // namespace consultd::fhir
