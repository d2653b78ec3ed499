// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "analysis/budgetpresets.h"

#include "base/budgetfile.h"

#include <QDir>
#include <QFile>

namespace tailscope::analysis {

namespace {

constexpr qint64 kMaxBytes = 1 << 20;

Result<Budget> readFile(const QString &path)
{
    QFile file(path);
    if (!file.open(QIODevice::ReadOnly))
        return fail(ErrorCode::NotReadable, path.toStdString(), file.errorString().toStdString(),
            "Check the path and the permissions");
    const QByteArray text = file.read(kMaxBytes + 1);
    return parseBudget({text.constData(), std::size_t(text.size())}, path.toStdString());
}

std::vector<BudgetPreset> loadPresets()
{
    std::vector<BudgetPreset> presets;
    const QDir folder(QStringLiteral(":/budgets"));
    for (const QString &file : folder.entryList({QStringLiteral("*.toml")}, QDir::Files, QDir::Name)) {
        // A test reads every one of them: none is left out in silence.
        if (Result<Budget> budget = readFile(folder.filePath(file)))
            presets.push_back({file.chopped(5).toStdString(), std::move(*budget)});
    }
    return presets;
}

} // namespace

const std::vector<BudgetPreset> &budgetPresets()
{
    static const std::vector<BudgetPreset> presets = loadPresets();
    return presets;
}

Result<Budget> budgetByName(const std::string &nameOrPath)
{
    for (const BudgetPreset &preset : budgetPresets()) {
        if (preset.id == nameOrPath)
            return preset.budget;
    }
    const QString path = QString::fromStdString(nameOrPath);
    if (QFile::exists(path))
        return readFile(path);
    std::string known;
    for (const BudgetPreset &preset : budgetPresets())
        known += (known.empty() ? "" : ", ") + preset.id;
    return fail(ErrorCode::NotFound, nameOrPath, "there is no such file and no preset of this name",
        "Presets: " + known);
}

} // namespace tailscope::analysis
