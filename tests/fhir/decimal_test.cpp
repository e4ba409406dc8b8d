#include "fhir/decimal.h"

#include <gtest/gtest.h>

namespace consultd::fhir {
namespace {

Decimal decimal(std::string_view text) {
    const auto parsed = Decimal::parse(text);
    EXPECT_TRUE(parsed) << text;
    return parsed.value_or(Decimal());
}

TEST(DecimalTest, KeepsItsTextAndComparesByValue) {
    EXPECT_EQ(decimal("2.00").text(), "2.00");
    EXPECT_EQ(decimal("2.00"), decimal("2.0"));
    EXPECT_EQ(decimal("0.010"), decimal("1e-2"));
    EXPECT_EQ(decimal("1200"), decimal("1.2E+3"));
    EXPECT_EQ(decimal("-0.0"), decimal("0e5"));
    EXPECT_EQ(decimal("1e999"), decimal("10e998"));
    EXPECT_EQ(decimal("0.0001e4"), decimal("1"));
}

TEST(DecimalTest, OrdersAsNumbersDo) {
    const std::string_view ascending[] = {"-1e999",
                                          "-10",
                                          "-9.99",
                                          "-1",
                                          "-0.5",
                                          "-0.05",
                                          "0",
                                          "1e-999",
                                          "0.049",
                                          "0.05",
                                          "0.5",
                                          "1",
                                          "1.0000000001",
                                          "9.99",
                                          "10",
                                          "12345678901234567890123",
                                          "12345678901234567890124",
                                          "1e999"};
    for (std::size_t i = 0; i < std::size(ascending); ++i)
        for (std::size_t j = 0; j < std::size(ascending); ++j)
            EXPECT_EQ(decimal(ascending[i]) <=> decimal(ascending[j]), i <=> j)
                << ascending[i] << " and " << ascending[j];
}

TEST(DecimalTest, WhatFhirDoesNotCallADecimalIsRefused) {
    for (const char* text :
         {"",    "-",  "+1", ".5",  "1.",  "01",  "-01",   "1e",     "1e+", "e5",
          "1,5", " 1", "1 ", "NaN", "INF", "0x1", "1e1.5", "1e1000", "--1", "1.2.3"})
        EXPECT_FALSE(Decimal::parse(text)) << text;
    EXPECT_TRUE(Decimal::parse(std::string(64, '9')));
    EXPECT_FALSE(Decimal::parse(std::string(65, '9')));
    EXPECT_FALSE(Decimal::parse("0." + std::string(64, '1')));
}

TEST(DecimalTest, SaysItsSign) {
    EXPECT_TRUE(decimal("-2").is_negative());
    EXPECT_TRUE(decimal("0.00").is_zero());
    EXPECT_FALSE(decimal("0.001").is_zero());
}

}  // namespace
}  // namespace consultd::fhir
