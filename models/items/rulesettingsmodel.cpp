// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "items/rulesettingsmodel.h"

#include "base/text.h"
#include "items/ruletexts.h"

#include <algorithm>
#include <cmath>

namespace tailscope::items {

namespace {

QString fromUtf8(std::string_view text) { return QString::fromUtf8(text.data(), qsizetype(text.size())); }
QString number(double value) { return QString::number(value, 'g', 15); }

TableCell textCell(const QString &text, const QString &toolTip = {})
{
    TableCell cell;
    cell.text = text;
    cell.toolTip = toolTip;
    return cell;
}

TableCell numberCell(double value, const QString &text)
{
    TableCell cell;
    cell.text = text;
    cell.value = value;
    return cell;
}

int levelOf(const std::string &severity)
{
    return severity == "critical" ? 3 : severity == "warning" ? 2 : 0;
}

bool isChanged(const advisor::Rule &rule)
{
    return rule.muted
        || std::any_of(rule.thresholds.begin(), rule.thresholds.end(),
            [](const advisor::Threshold &t) { return t.value != t.standard; });
}

} // namespace

RuleSettingsModel::RuleSettingsModel(session::Session *session, QObject *parent,
    std::filesystem::path userFolder)
    : QObject(parent)
    , m_session(session)
    , m_job(session->jobs())
    , m_userFolder(std::move(userFolder))
    , m_rules(new CellTable({{tr("Rule"), tr("Its id, as findings and the command line name it")},
                                {tr("Title"), tr("What it says when it fires")},
                                {tr("Group"), tr("Its folder")}, {tr("Severity"), tr("The worst it can say")},
                                {tr("State"), tr("What became of it at the last evaluation")},
                                {tr("Time"), tr("What the last evaluation cost; at most 2 s"), true},
                                {tr("Findings"), tr("Findings of it in this workspace"), true},
                                {tr("Changed"), tr("By you, against the rule file")}},
          this))
    , m_thresholds(new CellTable({{tr("Threshold"), tr("Its name in the query of the rule")},
                                     {tr("Value"), tr("In force; type another one"), true, true},
                                     {tr("Unit"), tr("Of the value")},
                                     {tr("Default"), tr("As the rule file has it"), true},
                                     {tr("Source"), tr("Where the default comes from")}},
          this))
{
    connect(session, &session::Session::loaded, this, &RuleSettingsModel::invalidate);
    connect(m_thresholds, &CellTable::edited, this, [this](qint64 id, int, const QVariant &value) {
        const advisor::Rule *rule = current();
        bool isNumber = false;
        const double given = value.toString().trimmed().toDouble(&isNumber);
        if (rule && isNumber && std::isfinite(given) && std::size_t(id) < rule->thresholds.size())
            setThreshold(rule->thresholds[std::size_t(id)].name, given);
    });
}

Result<RuleSettingsModel::Loaded> RuleSettingsModel::load(const store::Workspace &workspace,
    const std::filesystem::path &folder)
{
    Loaded loaded;
    loaded.rules = advisor::loadRules(folder, loaded.errors);
    std::vector<Error> told; // loadRules() told them already
    loaded.overrides = advisor::loadRuleOverrides(advisor::ruleOverrideFile(folder), told);
    Result<store::Database> reader = workspace.connectReader();
    if (!reader)
        return fail(reader.error());
    Result<store::Statement> query = reader->prepare(sql().toStdString());
    if (!query)
        return fail(query.error());
    for (;;) {
        const Result<bool> row = query->step();
        if (!row)
            return fail(row.error());
        if (!*row)
            return loaded;
        loaded.runs[std::string(query->text(0))]
            = {std::string(query->text(1)), query->real(2), query->integer(3)};
    }
}

QString RuleSettingsModel::sql()
{
    return QStringLiteral(
        "SELECT r.rule_id, r.state, r.seconds,\n"
        "       (SELECT count(*) FROM finding AS f WHERE f.rule_id = r.rule_id) AS findings\n"
        "FROM rule_run AS r ORDER BY r.rule_id");
}

void RuleSettingsModel::setActive(bool active)
{
    m_active = active;
    refresh();
}

void RuleSettingsModel::invalidate()
{
    m_stale = true;
    refresh();
}

void RuleSettingsModel::refresh()
{
    if (!m_active || !m_stale)
        return;
    m_stale = false;
    const auto workspace = m_session->workspacePtr();
    m_job.start<Loaded>(
        this, {}, [workspace, folder = m_userFolder](const Progress &) { return load(*workspace, folder); },
        [this](Result<Loaded> loaded) {
            QStringList problems;
            if (loaded) {
                m_loaded = std::move(*loaded);
                for (const Error &error : m_loaded.errors)
                    problems << QString::fromStdString(error.toText());
            } else {
                problems << QString::fromStdString(loaded.error().toText());
            }
            m_error = problems.join(QLatin1Char('\n'));
            fillRules();
            fillThresholds();
            Q_EMIT changed();
            Q_EMIT currentChanged();
            Q_EMIT busyChanged();
        });
    Q_EMIT busyChanged();
}

void RuleSettingsModel::setSearch(const QString &text)
{
    m_search = text;
    fillRules();
    Q_EMIT changed();
}

void RuleSettingsModel::choose(qint64 rule)
{
    const std::string id = rule >= 0 && std::size_t(rule) < m_loaded.rules.size()
        ? m_loaded.rules[std::size_t(rule)].id
        : std::string();
    if (id == m_current)
        return;
    m_current = id;
    fillThresholds();
    Q_EMIT currentChanged();
}

const advisor::Rule *RuleSettingsModel::current() const
{
    const auto found = std::find_if(m_loaded.rules.begin(), m_loaded.rules.end(),
        [this](const advisor::Rule &rule) { return rule.id == m_current; });
    return found == m_loaded.rules.end() ? nullptr : &*found;
}

bool RuleSettingsModel::isFromUser(const advisor::Rule &rule) const { return !rule.file.starts_with(":/"); }

int RuleSettingsModel::changedRules() const
{
    return int(std::count_if(m_loaded.rules.begin(), m_loaded.rules.end(), isChanged));
}

QString RuleSettingsModel::stateText(const advisor::Rule &rule) const
{
    if (rule.muted)
        return tr("muted");
    const auto run = m_loaded.runs.find(rule.id);
    return run == m_loaded.runs.end() ? tr("not run yet") : fromUtf8(run->second.state);
}

void RuleSettingsModel::fillRules()
{
    QVector<TableRow> rows;
    for (std::size_t i = 0; i < m_loaded.rules.size(); ++i) {
        const advisor::Rule &rule = m_loaded.rules[i];
        const QString state = stateText(rule);
        QStringList changes;
        if (rule.muted)
            changes << tr("muted");
        for (const advisor::Threshold &t : rule.thresholds) {
            if (t.value != t.standard)
                changes << QStringLiteral("%1 = %2").arg(fromUtf8(t.name), number(t.value));
        }
        if (isFromUser(rule))
            changes << tr("your rule");
        const QStringList texts{fromUtf8(rule.id), fromUtf8(rule.title), fromUtf8(rule.group),
            fromUtf8(rule.severity), state, changes.join(QStringLiteral(", "))};
        if (!m_search.isEmpty() && !texts.join(QLatin1Char('\n')).contains(m_search, Qt::CaseInsensitive))
            continue;
        const auto run = m_loaded.runs.find(rule.id);
        const bool ran = run != m_loaded.runs.end() && run->second.state == "ran";
        TableCell severity = textCell(texts[3]);
        severity.level = levelOf(rule.severity);
        TableCell stateCell = textCell(state);
        stateCell.level
            = state.startsWith(QLatin1String("failed")) || state == QLatin1String("timed out") ? 2 : 0;
        rows << TableRow{qint64(i),
            {textCell(texts[0], fromUtf8(rule.file)), textCell(texts[1], fromUtf8(rule.quiet)),
                textCell(texts[2]), severity, stateCell,
                ran ? numberCell(run->second.seconds, fromUtf8(humanMillis(run->second.seconds * 1000)))
                    : textCell({}),
                ran ? numberCell(double(run->second.findings), QString::number(run->second.findings))
                    : textCell({}),
                textCell(texts[5])}};
    }
    m_rules->setRows(std::move(rows));
}

void RuleSettingsModel::fillThresholds()
{
    QVector<TableRow> rows;
    if (const advisor::Rule *rule = current()) {
        for (std::size_t i = 0; i < rule->thresholds.size(); ++i) {
            const advisor::Threshold &t = rule->thresholds[i];
            TableCell value = numberCell(t.value, number(t.value));
            value.level = t.value != t.standard ? 1 : 0;
            value.toolTip = t.value != t.standard ? tr("Changed; the default is %1").arg(number(t.standard))
                                                  : tr("The default; double-click to change it");
            rows << TableRow{qint64(i),
                {textCell(fromUtf8(t.name)), value, textCell(fromUtf8(t.unit)),
                    numberCell(t.standard, number(t.standard)), textCell(fromUtf8(t.source))}};
        }
    }
    m_thresholds->setRows(std::move(rows));
}

void RuleSettingsModel::setThreshold(const std::string &name, double value)
{
    const advisor::Rule *rule = current();
    if (!rule)
        return;
    const auto threshold = std::find_if(rule->thresholds.begin(), rule->thresholds.end(),
        [&name](const advisor::Threshold &t) { return t.name == name; });
    if (threshold == rule->thresholds.end())
        return;
    const bool isStandard = value == threshold->standard;
    change([&](advisor::RuleOverride &entry) {
        if (isStandard)
            entry.thresholds.erase(name);
        else
            entry.thresholds[name] = value;
    });
}

void RuleSettingsModel::resetThreshold(const std::string &name)
{
    change([&](advisor::RuleOverride &entry) { entry.thresholds.erase(name); });
}

void RuleSettingsModel::resetRule()
{
    change([](advisor::RuleOverride &entry) { entry = {}; });
}

void RuleSettingsModel::setMuted(bool muted)
{
    change([muted](advisor::RuleOverride &entry) { entry.muted = muted; });
}

void RuleSettingsModel::change(const std::function<void(advisor::RuleOverride &)> &edit)
{
    if (m_current.empty())
        return;
    const advisor::RuleOverride before = m_loaded.overrides[m_current];
    edit(m_loaded.overrides[m_current]);
    if (m_loaded.overrides[m_current] == before)
        return;
    evaluate();
}

void RuleSettingsModel::evaluate()
{
    const auto workspace = m_session->workspacePtr();
    ++m_pending;
    Q_EMIT busyChanged();
    m_session->jobs()->start<advisor::RulesOutcome>(
        this, tr("Running the rules"),
        [workspace, folder = m_userFolder, overrides = m_loaded.overrides](
            const Progress &progress) -> Result<advisor::RulesOutcome> {
            TS_TRY(advisor::saveRuleOverrides(advisor::ruleOverrideFile(folder), overrides));
            std::vector<Error> bad;
            return advisor::runRules(*workspace, advisor::loadRules(folder, bad), progress);
        },
        [this](Result<advisor::RulesOutcome> outcome) {
            --m_pending;
            forgetRuleTexts();
            if (!outcome && outcome.error().code != ErrorCode::Cancelled)
                Q_EMIT m_session->failed(outcome.error());
            if (m_pending > 0)
                return; // the next one reads what this one wrote
            m_stale = true;
            refresh();
            m_session->reload();
            Q_EMIT busyChanged();
        },
        session::JobQueue::Lane::Write);
}

void RuleSettingsModel::copyToUser()
{
    const advisor::Rule *rule = current();
    if (!rule)
        return;
    ++m_pending;
    m_session->jobs()->start<std::filesystem::path>(
        this, {},
        [rule = *rule, folder = m_userFolder](
            const Progress &) { return advisor::copyRuleToUser(rule, folder); },
        [this](Result<std::filesystem::path> path) {
            --m_pending;
            if (path)
                Q_EMIT copied(QString::fromStdString(path->string()));
            else
                Q_EMIT m_session->failed(path.error());
            invalidate();
            Q_EMIT busyChanged();
        });
}

} // namespace tailscope::items
