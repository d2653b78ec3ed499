// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "advisor/ruleoverrides.h"

#include "advisor/tomltext.h"
#include "base/text.h"

#include <algorithm>
#include <charconv>
#include <cmath>

#include <QDir>
#include <QFile>
#include <QFileInfo>
#include <QSaveFile>

namespace tailscope::advisor {

namespace {

constexpr qint64 kMaxBytes = 1 << 20;

bool isPlain(std::string_view name)
{
    return !name.empty()
        && name.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789_-") == std::string_view::npos;
}

Error odd(const std::string &file, std::string detail)
{
    return {ErrorCode::BadInput, file, std::move(detail), std::nullopt, "Mend the entry or remove it"};
}

std::string number(double value)
{
    char digits[64];
    const auto end = std::to_chars(digits, digits + sizeof digits, value);
    return std::string(digits, end.ptr);
}

RuleOverride readOverride(const toml::table &table, const std::string &id, const std::string &file,
    std::vector<Error> &errors)
{
    RuleOverride entry;
    for (const auto &[key, node] : table) {
        const std::string name(key.str());
        if (name == "muted" && node.is_boolean()) {
            entry.muted = node.value_or(false);
        } else if (const toml::table *values = name == "thresholds" ? node.as_table() : nullptr) {
            for (const auto &[threshold, value] : *values) {
                const auto given = value.value<double>();
                if (given && std::isfinite(*given) && isPlain(threshold.str()))
                    entry.thresholds.emplace(threshold.str(), *given);
                else
                    errors.push_back(
                        odd(file, "'" + std::string(threshold.str()) + "' of " + id + " is no number"));
            }
        } else {
            errors.push_back(
                odd(file, "'" + name + "' of " + id + " is neither muted = true nor thresholds"));
        }
    }
    return entry;
}

} // namespace

std::filesystem::path ruleOverrideFile(const std::filesystem::path &userFolder)
{
    return userFolder.parent_path() / (userFolder.filename().string() + ".toml");
}

RuleOverrides loadRuleOverrides(const std::filesystem::path &file, std::vector<Error> &errors)
{
    const std::string subject = file.string();
    QFile opened(QString::fromStdString(subject));
    if (!opened.exists())
        return {};
    if (!opened.open(QIODevice::ReadOnly)) {
        errors.push_back({ErrorCode::NotReadable, subject, opened.errorString().toStdString(), std::nullopt,
            "Check the permissions"});
        return {};
    }
    const QByteArray text = opened.read(kMaxBytes + 1);
    const std::string_view view(text.constData(), static_cast<std::size_t>(text.size()));
    if (text.size() > kMaxBytes || !isValidUtf8(view)) {
        errors.push_back(odd(subject, "is no TOML of at most 1 MiB in UTF-8"));
        return {};
    }
    const toml::parse_result parsed = toml::parse(view, subject);
    if (!parsed) {
        errors.push_back(tomlError(parsed.error(), subject, 1));
        return {};
    }
    RuleOverrides overrides;
    for (const auto &[key, node] : parsed.table()) {
        const std::string id(key.str());
        const toml::table *table = node.as_table();
        if (!table || !isPlain(id)) {
            errors.push_back(odd(subject, "'" + id + "' is no table of a rule"));
            continue;
        }
        RuleOverride entry = readOverride(*table, id, subject, errors);
        if (!entry.isEmpty())
            overrides.emplace(id, std::move(entry));
    }
    return overrides;
}

Result<void> saveRuleOverrides(const std::filesystem::path &file, const RuleOverrides &overrides)
{
    const QString name = QString::fromStdString(file.string());
    std::string text
        = "# Changes to the rules of Tailscope: a table a rule. Thresholds are in the unit of the rule\n"
          "# (tailscope rules --format json tells them).\n";
    bool isEmpty = true;
    for (const auto &[id, entry] : overrides) {
        if (entry.isEmpty() || !isPlain(id))
            continue;
        isEmpty = false;
        text += "\n[" + id + "]\n";
        if (entry.muted)
            text += "muted = true\n";
        if (!entry.thresholds.empty())
            text += "[" + id + ".thresholds]\n";
        for (const auto &[threshold, value] : entry.thresholds)
            text += threshold + " = " + number(value) + "\n";
    }
    if (isEmpty) {
        if (QFile::exists(name) && !QFile::remove(name))
            return fail(ErrorCode::NotReadable, file.string(), "could not be removed",
                "Check the permissions");
        return {};
    }
    if (!QDir().mkpath(QFileInfo(name).absolutePath()))
        return fail(ErrorCode::NotReadable, file.string(), "its folder could not be made",
            "Check the permissions");
    QSaveFile out(name);
    if (!out.open(QIODevice::WriteOnly) || out.write(text.data(), qint64(text.size())) != qint64(text.size())
        || !out.commit())
        return fail(ErrorCode::NotReadable, file.string(), out.errorString().toStdString(),
            "Check the permissions");
    return {};
}

void applyRuleOverrides(std::vector<Rule> &rules, const RuleOverrides &overrides, const std::string &file,
    std::vector<Error> &errors)
{
    for (const auto &[id, entry] : overrides) {
        const auto rule
            = std::find_if(rules.begin(), rules.end(), [&id = id](const Rule &r) { return r.id == id; });
        if (rule == rules.end()) {
            errors.push_back(odd(file, "there is no rule '" + id + "'"));
            continue;
        }
        rule->muted = entry.muted;
        for (const auto &[name, value] : entry.thresholds) {
            const auto threshold = std::find_if(rule->thresholds.begin(), rule->thresholds.end(),
                [&name = name](const Threshold &t) { return t.name == name; });
            if (threshold == rule->thresholds.end())
                errors.push_back(odd(file, "rule '" + id + "' has no threshold '" + name + "'"));
            else
                threshold->value = value;
        }
    }
}

Result<std::filesystem::path> copyRuleToUser(const Rule &rule, const std::filesystem::path &userFolder)
{
    QFile source(QString::fromStdString(rule.file));
    if (!source.open(QIODevice::ReadOnly))
        return fail(ErrorCode::NotReadable, rule.file, source.errorString().toStdString(),
            "Check the permissions");
    const std::filesystem::path folder = rule.group.empty() ? userFolder : userFolder / rule.group;
    const std::filesystem::path target = folder / QFileInfo(source.fileName()).fileName().toStdString();
    const QString name = QString::fromStdString(target.string());
    if (QFile::exists(name))
        return fail(ErrorCode::NotReadable, target.string(), "is there already",
            "Edit it, or remove it first");
    QFile copy(name);
    const QByteArray text = source.readAll();
    if (!QDir().mkpath(QString::fromStdString(folder.string()))
        || !copy.open(QIODevice::WriteOnly | QIODevice::NewOnly) || copy.write(text) != text.size())
        return fail(ErrorCode::NotReadable, target.string(), copy.errorString().toStdString(),
            "Check the permissions");
    return target;
}

} // namespace tailscope::advisor
