// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/remote/remotedialog.h"

#include "items/remotemodel.h"

#include <QComboBox>
#include <QDialogButtonBox>
#include <QFileDialog>
#include <QFontDatabase>
#include <QFormLayout>
#include <QHBoxLayout>
#include <QLabel>
#include <QLineEdit>
#include <QPlainTextEdit>
#include <QPushButton>
#include <QVBoxLayout>

namespace tailscope::widgets {

RemoteDialog::RemoteDialog(items::RemoteModel *model, QWidget *parent)
    : QDialog(parent)
    , m_model(model)
    , m_conninfo(new QLineEdit(this))
    , m_password(new QLineEdit(this))
    , m_table(new QComboBox(this))
    , m_mapping(new QPlainTextEdit(this))
    , m_message(new QLabel(this))
{
    setWindowTitle(tr("Remote Store"));
    m_conninfo->setPlaceholderText(tr("host=db dbname=telemetry user=observer, a URI, or service=NAME"));
    m_conninfo->setAccessibleName(tr("Server"));
    m_password->setEchoMode(QLineEdit::Password);
    m_password->setPlaceholderText(tr("empty: .pgpass or the service file; never stored"));
    m_password->setAccessibleName(tr("Password"));
    m_table->setEditable(true);
    m_table->lineEdit()->setPlaceholderText(tr("schema.table"));
    m_table->setAccessibleName(tr("Table or view"));
    m_table->setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
    m_mapping->setFont(QFontDatabase::systemFont(QFontDatabase::FixedFont));
    m_mapping->setAccessibleName(tr("Mapping of the columns"));
    m_mapping->setTabChangesFocus(true);
    m_mapping->setPlaceholderText(tr(
        "table = \"spans\"\nstart = \"start_time\"\nduration = \"duration_ns\"\nduration_unit = \"ns\"\n"
        "service = \"service_name\"\noperation = \"operation\"\ntrace = \"trace_id\"\nshard = [\"shard\"]"));
    m_message->setWordWrap(true);

    auto *list = new QPushButton(tr("List Tables"), this);
    auto *guessButton = new QPushButton(tr("Guess Mapping"), this);
    auto *open = new QPushButton(tr("Open Mapping File…"), this);
    for (QPushButton *button : {list, guessButton, open})
        button->setAutoDefault(false);
    auto *tableRow = new QHBoxLayout;
    tableRow->addWidget(m_table, 1);
    tableRow->addWidget(list);
    tableRow->addWidget(guessButton);
    tableRow->addWidget(open);
    auto *form = new QFormLayout;
    form->addRow(tr("&Server:"), m_conninfo);
    form->addRow(tr("&Password:"), m_password);
    auto *tableLabel = new QLabel(tr("&Table:"), this);
    tableLabel->setBuddy(m_table);
    form->addRow(tableLabel, tableRow);
    auto *buttons = new QDialogButtonBox(QDialogButtonBox::Ok | QDialogButtonBox::Cancel, this);
    auto *layout = new QVBoxLayout(this);
    layout->addLayout(form);
    layout->addWidget(m_mapping, 1);
    layout->addWidget(m_message);
    layout->addWidget(buttons);
    resize(760, 560);

    connect(buttons, &QDialogButtonBox::accepted, this, &RemoteDialog::accept);
    connect(buttons, &QDialogButtonBox::rejected, this, &QDialog::reject);
    connect(open, &QPushButton::clicked, this, &RemoteDialog::openFile);
    connect(guessButton, &QPushButton::clicked, this, &RemoteDialog::guess);
    connect(list, &QPushButton::clicked, this, [this] {
        tell(tr("Connecting…"));
        m_model->listTables(m_conninfo->text(), m_password->text());
    });
    connect(m_model, &items::RemoteModel::tablesListed, this,
        [this](const QStringList &names, const QString &error) {
            tell(
                error.isEmpty() ? tr("%1 tables and views that the role may read").arg(names.size()) : error);
            const QString chosen = m_table->currentText();
            m_table->clear();
            m_table->addItems(names);
            if (!chosen.isEmpty())
                m_table->setCurrentText(chosen);
        });
    connect(m_model, &items::RemoteModel::mappingFound, this,
        [this](const QString &toml, const QString &error) {
            if (error.isEmpty())
                m_mapping->setPlainText(toml);
            tell(error.isEmpty() ? tr("Check what was guessed: units and the values that mean an error "
                                      "cannot be told by names.")
                                 : error);
        });
}

void RemoteDialog::setStore(const QString &conninfo, const QString &mapping)
{
    m_conninfo->setText(conninfo);
    m_mapping->setPlainText(mapping);
}

QString RemoteDialog::message() const { return m_message->text(); }

void RemoteDialog::tell(const QString &text) { m_message->setText(text); }

void RemoteDialog::openFile()
{
    const QString path = QFileDialog::getOpenFileName(this, tr("Open Mapping File"), {},
        tr("Mappings (*.toml);;All files (*)"));
    if (!path.isEmpty())
        m_model->readMappingFile(path);
}

void RemoteDialog::guess()
{
    const QString name = m_table->currentText().trimmed();
    const auto dot = name.indexOf(QLatin1Char('.'));
    if (name.isEmpty()) {
        tell(tr("Name a table first."));
        return;
    }
    tell(tr("Reading the columns…"));
    m_model->guessMapping(m_conninfo->text(), m_password->text(),
        dot > 0 ? name.left(dot) : QStringLiteral("public"), name.mid(dot + 1));
}

void RemoteDialog::accept()
{
    const QString error = m_model->define(m_conninfo->text(), m_password->text(), m_mapping->toPlainText());
    if (error.isEmpty())
        QDialog::accept();
    else
        tell(error);
}

} // namespace tailscope::widgets
