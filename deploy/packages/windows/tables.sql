-- What wixl does not know of the tables, a statement a line, for msibuild.

-- What an administrator may give without being elevated already, and what no log shows.
UPDATE `Property` SET `Value` = 'WIX_DOWNGRADE_DETECTED;WIX_UPGRADE_DETECTED;MODE;SERVER;TOKEN;LISTEN;CONFIG;PURGE' WHERE `Property` = 'SecureCustomProperties'
INSERT INTO `Property` (`Property`, `Value`) VALUES ('MsiHiddenProperties', 'TOKEN;WriteToken')

-- The registry as 64-bit programs see it.
UPDATE `RegLocator` SET `Type` = 18

-- The configuration is the user's once it is there: 64-bit, permanent, never overwritten. Each mode begins with its own.
UPDATE `Component` SET `Attributes` = 400, `Condition` = 'MODE="server"' WHERE `Component` = 'ServerConfiguration'
UPDATE `Component` SET `Attributes` = 400, `Condition` = 'MODE="agent"' WHERE `Component` = 'AgentConfiguration'
UPDATE `Component` SET `Attributes` = 272 WHERE `Component` = 'Data'
UPDATE `Component` SET `Attributes` = 272, `Condition` = 'MODE="server"' WHERE `Component` = 'Inbox'
UPDATE `Component` SET `Condition` = 'PAGE OR REMOVE="ALL"' WHERE `Component` = 'Page'

-- The old version goes within the transaction: where the new one cannot be installed, it comes back.
UPDATE `InstallExecuteSequence` SET `Sequence` = 1501 WHERE `Action` = 'RemoveExistingProducts'

-- The entry of the start menu, a file that Windows writes as one of its INI files.
CREATE TABLE `IniFile` (`IniFile` CHAR(72) NOT NULL, `FileName` CHAR(255) NOT NULL LOCALIZABLE, `DirProperty` CHAR(72), `Section` CHAR(96) NOT NULL LOCALIZABLE, `Key` CHAR(128) NOT NULL LOCALIZABLE, `Value` CHAR(255) NOT NULL LOCALIZABLE, `Action` SHORT NOT NULL, `Component_` CHAR(72) NOT NULL PRIMARY KEY `IniFile`)
INSERT INTO `IniFile` (`IniFile`, `FileName`, `DirProperty`, `Section`, `Key`, `Value`, `Action`, `Component_`) VALUES ('Page', 'GRACEW~1.URL|Gracewatch.url', 'ProgramMenuFolder', 'InternetShortcut', 'URL', '[PAGE]', 0, 'Page')
INSERT INTO `RemoveFile` (`FileKey`, `Component_`, `FileName`, `DirProperty`, `InstallMode`) VALUES ('Page', 'Page', 'GRACEW~1.URL|Gracewatch.url', 'ProgramMenuFolder', 2)
INSERT INTO `InstallExecuteSequence` (`Action`, `Condition`, `Sequence`) VALUES ('RemoveIniValues', '', 3000)
INSERT INTO `InstallExecuteSequence` (`Action`, `Condition`, `Sequence`) VALUES ('WriteIniValues', '', 5100)
