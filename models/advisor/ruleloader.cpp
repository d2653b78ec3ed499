// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "advisor/ruleoverrides.h"
#include "advisor/rules.h"

#include <algorithm>
#include <map>
#include <set>

#include <QDirIterator>
#include <QFile>
#include <QFileInfo>
#include <QStandardPaths>

namespace tailscope::advisor {

namespace {

constexpr int kMaxFiles = 1000;
constexpr qint64 kMaxBytes = 1 << 20;

QStringList ruleFiles(const QString &folder)
{
    QStringList names;
    QDirIterator iterator(folder, {QStringLiteral("*.sql")}, QDir::Files, QDirIterator::Subdirectories);
    while (iterator.hasNext() && names.size() < kMaxFiles)
        names.append(iterator.next());
    names.sort();
    return names;
}

Result<Rule> readRule(const QString &name)
{
    const std::string subject = name.toStdString();
    QFile file(name);
    if (!file.open(QIODevice::ReadOnly))
        return fail(ErrorCode::NotReadable, subject, file.errorString().toStdString(),
            "Check the permissions");
    const QByteArray text = file.read(kMaxBytes);
    Result<Rule> rule = parseRule({text.constData(), static_cast<std::size_t>(text.size())}, subject);
    if (rule)
        rule->group = QFileInfo(name).dir().dirName().toStdString();
    return rule;
}

void addFolder(const QString &folder, std::map<std::string, Rule> &rules, std::vector<Error> &errors)
{
    std::set<std::string> seen;
    const QStringList names = ruleFiles(folder);
    for (const QString &name : names) {
        Result<Rule> rule = readRule(name);
        if (!rule) {
            errors.push_back(std::move(rule.error()));
            continue;
        }
        if (!seen.insert(rule->id).second) {
            errors.push_back({ErrorCode::BadInput, rule->file,
                "the id '" + rule->id + "' is taken by " + rules[rule->id].file, std::nullopt,
                "Give the rule an id of its own"});
            continue;
        }
        std::string id = rule->id;
        rules.insert_or_assign(std::move(id), std::move(*rule));
    }
}

} // namespace

std::vector<Rule> loadRules(const std::filesystem::path &userFolder, std::vector<Error> &errors)
{
    std::map<std::string, Rule> rules;
    addFolder(QStringLiteral(":/rules"), rules, errors);
    const QString folder = QString::fromStdString(userFolder.string());
    if (!folder.isEmpty() && QFileInfo(folder).isDir())
        addFolder(folder, rules, errors);
    std::vector<Rule> list;
    list.reserve(rules.size());
    for (auto &[id, rule] : rules)
        list.push_back(std::move(rule));
    if (!folder.isEmpty()) {
        const std::filesystem::path file = ruleOverrideFile(userFolder);
        applyRuleOverrides(list, loadRuleOverrides(file, errors), file.string(), errors);
    }
    return list;
}

std::filesystem::path userRuleFolder()
{
    const QString config = QStandardPaths::writableLocation(QStandardPaths::GenericConfigLocation);
    return std::filesystem::path(config.toStdString()) / "tailscope" / "rules";
}

} // namespace tailscope::advisor
