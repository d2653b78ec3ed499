// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
// What the user changes about rules: thresholds, muted ones, copies.
#include "advisor/ruleoverrides.h"
#include "store/workspace.h"

#include <algorithm>

#include <QDir>
#include <QFile>
#include <QTemporaryDir>
#include <QTest>

using namespace tailscope;
using namespace tailscope::advisor;

namespace {

void write(const std::filesystem::path &file, const QByteArray &text)
{
    QFile out(QString::fromStdString(file.string()));
    if (!out.open(QIODevice::WriteOnly) || out.write(text) != text.size())
        qFatal("cannot write %s", file.string().c_str());
}

const Rule &ruleOf(const std::vector<Rule> &rules, const char *id)
{
    const auto found
        = std::find_if(rules.begin(), rules.end(), [id](const Rule &rule) { return rule.id == id; });
    if (found == rules.end())
        qFatal("no rule %s", id);
    return *found;
}

} // namespace

class TestRuleOverrides : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void init();
    void roundTrip();
    void oddEntriesAreReported_data();
    void oddEntriesAreReported();
    void rulesTakeTheirValues();
    void runsFollowTheChanges();
    void copies();

private:
    std::unique_ptr<QTemporaryDir> m_folder;
    std::filesystem::path m_rules, m_file;
};

void TestRuleOverrides::init()
{
    m_folder = std::make_unique<QTemporaryDir>();
    m_rules = std::filesystem::path(m_folder->path().toStdString()) / "rules";
    m_file = ruleOverrideFile(m_rules);
    QCOMPARE(m_file.filename().string(), std::string("rules.toml"));
}

void TestRuleOverrides::roundTrip()
{
    RuleOverrides given;
    given["plan-deep-offset"].thresholds = {{"off_w", 12.5}, {"off_c", 1e-9}};
    given["stmt-pareto"].muted = true;
    given["plan-healthy"] = {}; // nothing to say
    const auto saved = saveRuleOverrides(m_file, given);
    QVERIFY2(saved, saved ? "" : saved.error().toText().c_str());
    std::vector<Error> errors;
    given.erase("plan-healthy");
    QVERIFY(loadRuleOverrides(m_file, errors) == given);
    QVERIFY(errors.empty());
    QVERIFY(saveRuleOverrides(m_file, {}));
    QVERIFY(!std::filesystem::exists(m_file)); // nothing left to say
    QVERIFY(loadRuleOverrides(m_file, errors).empty() && errors.empty());
    // A folder that cannot be made.
    write(m_folder->path().toStdString() + "/plain", "x");
    QVERIFY(!saveRuleOverrides(m_folder->path().toStdString() + "/plain/sub/rules.toml", given));
}

void TestRuleOverrides::oddEntriesAreReported_data()
{
    QTest::addColumn<QByteArray>("text");
    QTest::addColumn<QByteArray>("message");
    QTest::newRow("no TOML") << QByteArray("[plan-healthy\n") << QByteArray("rules.toml");
    QTest::newRow("no table") << QByteArray("x = 3\n") << QByteArray("no table of a rule");
    QTest::newRow("text") << QByteArray("[plan-deep-offset.thresholds]\noff_w = 'many'\n")
                          << QByteArray("no number");
    QTest::newRow("infinity") << QByteArray("[plan-deep-offset.thresholds]\noff_w = inf\n")
                              << QByteArray("no number");
    QTest::newRow("key") << QByteArray("[plan-deep-offset]\nseverity = 'info'\n") << QByteArray("neither");
    QTest::newRow("rule") << QByteArray("[plan-unheard-of]\nmuted = true\n") << QByteArray("no rule");
    QTest::newRow("threshold") << QByteArray("[plan-deep-offset.thresholds]\nnone = 3\n")
                               << QByteArray("no threshold");
    QTest::newRow("bytes") << QByteArray("\xff\xfe") << QByteArray("UTF-8");
    QTest::newRow("large") << QByteArray(2 << 20, '#') << QByteArray("1 MiB");
}

void TestRuleOverrides::oddEntriesAreReported()
{
    QFETCH(QByteArray, text);
    QFETCH(QByteArray, message);
    write(m_file, text + "\n[plan-healthy]\nmuted = true\n");
    std::vector<Error> errors;
    const std::vector<Rule> rules = loadRules(m_rules, errors);
    QCOMPARE(errors.size(), std::size_t(1));
    QVERIFY2(QByteArray(errors[0].toText().c_str()).contains(message), errors[0].toText().c_str());
    // The good entry holds where the file could be read at all.
    const bool isRead = !message.contains("UTF-8") && !message.contains("MiB") && message != "rules.toml";
    QCOMPARE(ruleOf(rules, "plan-healthy").muted, isRead);
}

void TestRuleOverrides::rulesTakeTheirValues()
{
    write(m_file, "[plan-deep-offset.thresholds]\noff_w = 7\n");
    std::vector<Error> errors;
    const std::vector<Rule> rules = loadRules(m_rules, errors);
    QVERIFY(errors.empty());
    for (const Threshold &threshold : ruleOf(rules, "plan-deep-offset").thresholds) {
        QCOMPARE(threshold.value, threshold.name == "off_w" ? 7.0 : threshold.standard);
        QVERIFY(threshold.standard > 7);
    }
    // Without a folder of the user nothing is changed.
    QCOMPARE(ruleOf(loadRules({}, errors), "plan-deep-offset").thresholds.front().value,
        ruleOf(rules, "plan-deep-offset").thresholds.front().standard);
}

void TestRuleOverrides::runsFollowTheChanges()
{
    auto workspace = store::Workspace::temporary();
    QVERIFY(workspace);
    auto writer = (*workspace)->connectWriter();
    QVERIFY(writer);
    // 400 rows are thrown away: below the usual limit of 10,000.
    QVERIFY(writer->execute(
        "INSERT INTO source_raw (path, format, kind, state, sha256) VALUES ('p', 'p', 2, 2, 'p');"
        "INSERT INTO plan_raw (source_id) VALUES (1);"
        "INSERT INTO plan_node_raw (source_id, plan_id, node, parent, depth, node_type, actual_rows, loops, "
        "wall_ms)"
        " VALUES (1, 1, 0, -1, 0, 'Limit', 2, 1, 5), (1, 1, 1, 0, 1, 'Index Scan', 402, 1, 5);"
        "UPDATE generation SET n = n + 1 WHERE table_family = 'plan'"));
    std::vector<Error> errors;
    const auto findings = [&] {
        const auto outcome = runRules(**workspace, loadRules(m_rules, errors), {});
        if (!outcome)
            qFatal("%s", outcome.error().toText().c_str());
        auto reader = (*workspace)->connectReader();
        return reader
            ->text(
                "SELECT group_concat(state || ' ' || rows) FROM rule_run WHERE rule_id = 'plan-deep-offset'")
            ->value_or("");
    };
    QCOMPARE(findings(), std::string("ran 0"));
    RuleOverrides overrides;
    overrides["plan-deep-offset"].thresholds["off_w"] = 300;
    QVERIFY(saveRuleOverrides(m_file, overrides));
    QCOMPARE(findings(), std::string("ran 1"));
    overrides["plan-deep-offset"].muted = true;
    QVERIFY(saveRuleOverrides(m_file, overrides));
    QCOMPARE(findings(), std::string("muted 0"));
    QVERIFY(saveRuleOverrides(m_file, {}));
    QCOMPARE(findings(), std::string("ran 0"));
    QVERIFY(errors.empty());
}

void TestRuleOverrides::copies()
{
    std::vector<Error> errors;
    const Rule rule = ruleOf(loadRules(m_rules, errors), "plan-deep-offset");
    const auto copied = copyRuleToUser(rule, m_rules);
    QVERIFY2(copied, copied ? "" : copied.error().toText().c_str());
    QCOMPARE(copied->lexically_relative(m_rules).string(), std::string("plans/deepoffset.sql"));
    const Rule mine = ruleOf(loadRules(m_rules, errors), "plan-deep-offset");
    QCOMPARE(mine.file, copied->string());
    QCOMPARE(mine.sql, rule.sql);
    QCOMPARE(mine.group, std::string("plans"));
    QVERIFY(!copyRuleToUser(rule, m_rules)); // never over what the user wrote
    QVERIFY(errors.empty());
}

QTEST_GUILESS_MAIN(TestRuleOverrides)
#include "tst_ruleoverrides.moc"
