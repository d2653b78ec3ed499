// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/openoptionsdialog.h"

#include "app/columnmapdialog.h"
#include "app/importarguments.h"

#include <QComboBox>
#include <QDialogButtonBox>
#include <QFileDialog>
#include <QFormLayout>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QTimeZone>

namespace tailscope::app {

OpenOptionsDialog::OpenOptionsDialog(QWidget *parent)
    : QDialog(parent)
    , m_names(new QLabel(tr("No file chosen"), this))
    , m_problem(new QLabel(this))
    , m_format(new QComboBox(this))
    , m_zone(new QComboBox(this))
    , m_offset(new QLineEdit(this))
{
    setWindowTitle(tr("Open with Options"));
    auto *form = new QFormLayout(this);
    auto *browse = new QPushButton(tr("Choose Files…"), this);
    connect(browse, &QPushButton::clicked, this, &OpenOptionsDialog::choose);
    form->addRow(tr("&Files:"), browse);
    m_names->setWordWrap(true);
    form->addRow({}, m_names);
    m_format->addItem(tr("Recognise by content"), QString());
    for (const import::Importer *importer : import::builtinImporters()) {
        const auto &row = importer->descriptor();
        m_format->addItem(QString::fromUtf8(row.title.data(), qsizetype(row.title.size())),
            QString::fromUtf8(row.id.data(), qsizetype(row.id.size())));
    }
    form->addRow(tr("F&ormat:"), m_format);
    m_zone->setEditable(true);
    m_zone->addItem(QStringLiteral("UTC"));
    m_zone->addItem(QString::fromUtf8(QTimeZone::systemTimeZoneId()));
    const auto zones = QTimeZone::availableTimeZoneIds();
    for (const QByteArray &zone : zones)
        m_zone->addItem(QString::fromUtf8(zone));
    m_zone->setToolTip(tr("For times that the file writes without a zone"));
    form->addRow(tr("Time &zone of times without one:"), m_zone);
    m_offset->setPlaceholderText(tr("for example -1.5s; added to every time of the file"));
    form->addRow(tr("Clock o&ffset:"), m_offset);
    m_columns = new QPushButton(tr("&Columns…"), this);
    m_columns->setToolTip(tr("For tables (CSV, TSV): what each column means"));
    connect(m_columns, &QPushButton::clicked, this, &OpenOptionsDialog::chooseColumns);
    form->addRow(tr("Table:"), m_columns);
    m_problem->setWordWrap(true);
    form->addRow(m_problem);
    auto *buttons = new QDialogButtonBox(QDialogButtonBox::Cancel, this);
    m_import = buttons->addButton(tr("Import"), QDialogButtonBox::AcceptRole);
    connect(buttons, &QDialogButtonBox::accepted, this, &QDialog::accept);
    connect(buttons, &QDialogButtonBox::rejected, this, &QDialog::reject);
    form->addRow(buttons);
    connect(m_zone, &QComboBox::editTextChanged, this, &OpenOptionsDialog::check);
    connect(m_offset, &QLineEdit::textChanged, this, &OpenOptionsDialog::check);
    check();
}

import::ImportOptions OpenOptionsDialog::options() const {import::ImportOptions options;
options.format = m_format->currentData().toString().toStdString();
options.read = parseTimezone(m_zone->currentText()).value_or(import::ReadOptions{});
options.read.columnMap = m_columnMap;
options.offsetNs = m_offset->text().trimmed().isEmpty() ? 0 : parseDuration(m_offset->text()).value_or(0);
return options;
} // namespace tailscope::app

void OpenOptionsDialog::chooseColumns()
{
    ColumnMapDialog dialog(m_files.front(), this);
    if (dialog.exec() != QDialog::Accepted)
        return;
    m_columnMap = dialog.map().toToml();
    m_format->setCurrentIndex(m_format->findData(QStringLiteral("csv-table")));
    check();
}

void OpenOptionsDialog::choose()
{
    const QStringList files = QFileDialog::getOpenFileNames(this, tr("Choose Files"));
    if (!files.isEmpty()) {
        m_files = files;
        m_columnMap.clear();
    }
    m_names->setText(m_files.isEmpty() ? tr("No file chosen") : m_files.join(QLatin1Char('\n')));
    check();
}

void OpenOptionsDialog::check()
{
    QString problem;
    if (!parseTimezone(m_zone->currentText()))
        problem = tr("“%1” is no time zone: use UTC, +02:00 or a name such as Europe/Paris.")
                      .arg(m_zone->currentText());
    else if (!m_offset->text().trimmed().isEmpty() && !parseDuration(m_offset->text()))
        problem = tr("“%1” is no duration: use for example 200ms, -1.5s or 2h.").arg(m_offset->text());
    m_columns->setEnabled(!m_files.isEmpty());
    m_columns->setText(m_columnMap.empty() ? tr("&Columns…") : tr("&Columns… (set)"));
    m_problem->setText(problem);
    m_problem->setVisible(!problem.isEmpty());
    m_import->setEnabled(problem.isEmpty() && !m_files.isEmpty());
}

} // namespace tailscope::app
