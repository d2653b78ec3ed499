// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "import/accesslog/routetemplate.h"
#include "support/importhelpers.h"

#include <QtTest>

using namespace tailscope;
using namespace tailscope::import::accesslog;
using namespace std::string_literals;

namespace {

RouteRules rulesOf(const std::string &toml)
{
    RouteRules rules;
    const Result<void> added = addRouteRules(toml, "test", rules);
    if (!added)
        qWarning("%s", added.error().toText().c_str());
    return rules;
}

} // namespace

class TestRouteRules : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void shippedRulesAreTheDefaults();
    void takesRulesBeforeShapes();
    void putsTheUsersRulesFirst();
    void mergesVersions();
    void switchesShapesOff();
    void refuses_data();
    void refuses();
};

void TestRouteRules::shippedRulesAreTheDefaults()
{
    QFile file(QStringLiteral(TS_SOURCE_DIR "/resources/routes.toml"));
    QVERIFY(file.open(QIODevice::ReadOnly));
    const RouteRules shipped = rulesOf(file.readAll().toStdString());
    const RouteRules defaults;
    QCOMPARE(shipped.numbers, defaults.numbers);
    QCOMPARE(shipped.uuids, defaults.uuids);
    QCOMPARE(shipped.hashLength, defaults.hashLength);
    QCOMPARE(shipped.tokenLength, defaults.tokenLength);
    QCOMPARE(shipped.mergeVersions, false);
    QVERIFY(shipped.rules.empty());
}

void TestRouteRules::takesRulesBeforeShapes()
{
    const RouteRules rules = rulesOf("[[rule]]\npattern = \"/blog/*/*\"\nroute = \"/blog/{year}/{title}\"\n"
                                     "[[rule]]\npattern = \"/static/**\"\nroute = \"/static/{file}\"\n");
    QCOMPARE(routeTemplate("/blog/2024/first-post", rules), "/blog/{year}/{title}"s);
    QCOMPARE(routeTemplate("/blog/2024", rules), "/blog/{id}"s);
    QCOMPARE(routeTemplate("/blog//x", rules), "/blog//x"s);
    QCOMPARE(routeTemplate("/blog/2024/a/b", rules), "/blog/{id}/a/b"s);
    QCOMPARE(routeTemplate("/static/a/b/c.css", rules), "/static/{file}"s);
    QCOMPARE(routeTemplate("/static", rules), "/static/{file}"s);
    QCOMPARE(routeTemplate("/users/42", rules), "/users/{id}"s);
}

void TestRouteRules::putsTheUsersRulesFirst()
{
    RouteRules rules = rulesOf("[[rule]]\npattern = \"/a/*\"\nroute = \"ours\"\n");
    QVERIFY(addRouteRules("[[rule]]\npattern = \"/a/*\"\nroute = \"own\"\n", "user", rules));
    QCOMPARE(routeTemplate("/a/b", rules), "own"s);
}

void TestRouteRules::mergesVersions()
{
    const RouteRules merged = rulesOf("[versions]\nmode = \"merge\"\n");
    QCOMPARE(routeTemplate("/v1/users/7", merged), "/v{n}/users/{id}"s);
    QCOMPARE(routeTemplate("/api/v12/x", merged), "/api/v{n}/x"s);
    QCOMPARE(routeTemplate("/vip/v/v1234", merged), "/vip/v/v1234"s);
    QCOMPARE(routeTemplate("/v1/users/7", RouteRules()), "/v1/users/{id}"s);
}

void TestRouteRules::switchesShapesOff()
{
    const RouteRules rules
        = rulesOf("[identifiers]\nnumbers = false\nuuids = false\nhash_length = 0\ntoken_length = 0\n");
    for (const char *path : {"/users/42", "/a/123e4567-e89b-12d3-a456-426614174000", "/f/9f86d081884c7d65",
             "/t/eyJ0eXAiOiJKV1Q1LCJh8bG4"})
        QCOMPARE(routeTemplate(path, rules), std::string(path));
    QCOMPARE(routeTemplate("/f/9f86", rulesOf("[identifiers]\nhash_length = 4\n")), "/f/{id}"s);
}

void TestRouteRules::refuses_data()
{
    QTest::addColumn<QString>("toml");
    QTest::newRow("syntax") << QStringLiteral("a = ");
    QTest::newRow("unknown") << QStringLiteral("[idents]\n");
    QTest::newRow("flag") << QStringLiteral("[identifiers]\nnumbers = 7\n");
    QTest::newRow("length") << QStringLiteral("[identifiers]\nhash_length = 1\n");
    QTest::newRow("mode") << QStringLiteral("[versions]\nmode = \"x\"\n");
    QTest::newRow("no route") << QStringLiteral("[[rule]]\npattern = \"/a\"\n");
    QTest::newRow("no slash") << QStringLiteral("[[rule]]\npattern = \"a\"\nroute = \"b\"\n");
    QTest::newRow("stars inside") << QStringLiteral("[[rule]]\npattern = \"/**/a\"\nroute = \"b\"\n");
    QTest::newRow("no array") << QStringLiteral("rule = 7\n");
}

void TestRouteRules::refuses()
{
    QFETCH(QString, toml);
    RouteRules rules;
    rules.hashLength = 77;
    const Result<void> added = addRouteRules(toml.toStdString(), "mine.toml", rules);
    QVERIFY(!added);
    QCOMPARE(added.error().subject, "mine.toml"s);
    QVERIFY(added.error().where && added.error().where->line);
    QCOMPARE(rules.hashLength, std::size_t{77});
}

QTEST_GUILESS_MAIN(TestRouteRules)
#include "tst_routerules.moc"
