#requires -Version 3.0

<#
.SYNOPSIS
Reports the activation status of this machine to Gracewatch, where no program may be installed.

.DESCRIPTION
Reads the classes of the licensing service by CIM, and changes nothing on the machine. No product key is read beyond its last
five characters. Without -Folder and -Uri it prints the report. What fails ends it with a message and the exit code 1.

.PARAMETER Folder
The inbox of the server, such as \\server\share\inbox. The report becomes MACHINE.json there.

.PARAMETER Uri
The server, such as https://gracewatch.corp.example:10688.

.PARAMETER TokenFile
The file with the token for -Uri. Only SYSTEM and administrators should be able to read it.

.EXAMPLE
.\Send-ActivationStatus.ps1 -Folder \\server\share\inbox
#>
[CmdletBinding(DefaultParameterSetName = 'Show')]
param(
    [Parameter(Mandatory = $true, ParameterSetName = 'Folder')] [string] $Folder,
    [Parameter(Mandatory = $true, ParameterSetName = 'Uri')] [string] $Uri,
    [Parameter(Mandatory = $true, ParameterSetName = 'Uri')] [string] $TokenFile
)

Set-StrictMode -Version 3.0
$ErrorActionPreference = 'Stop'

$HostProperties = @(
    'IsKeyManagementServiceMachine', 'RequiredClientCount', 'KeyManagementServiceCurrentCount',
    'KeyManagementServiceTotalRequests', 'KeyManagementServiceFailedRequests',
    'KeyManagementServiceUnlicensedRequests', 'KeyManagementServiceLicensedRequests',
    'KeyManagementServiceOOBGraceRequests', 'KeyManagementServiceOOTGraceRequests',
    'KeyManagementServiceNonGenuineGraceRequests', 'KeyManagementServiceNotificationRequests'
)

# Not ProductKeyID and not OfflineInstallationId, which identify a key.
$ProductProperties = @(
    'ID', 'ApplicationID', 'Name', 'Description', 'LicenseFamily', 'LicenseIsAddon', 'PartialProductKey',
    'ProductKeyChannel', 'LicenseStatus', 'LicenseStatusReason', 'GracePeriodRemaining', 'EvaluationEndDate',
    'TrustedTime', 'VLActivationInterval', 'VLRenewalInterval', 'RemainingSkuReArmCount', 'RemainingAppReArmCount',
    'KeyManagementServiceMachine', 'KeyManagementServicePort', 'DiscoveredKeyManagementServiceMachineName',
    'DiscoveredKeyManagementServiceMachinePort'
) + $HostProperties

# Not OA3xOriginalProductKey, which is a whole key.
$ServiceProperties = @(
    'Version', 'ClientMachineID', 'RemainingWindowsReArmCount', 'KeyManagementServiceListeningPort',
    'KeyManagementServiceDnsPublishing'
) + $HostProperties

# The objects of a class with those of the properties that this version of Windows has: asking for others fails.
function Read-Class([string] $Name, [string[]] $Wanted, [string] $Filter) {
    $known = @((Get-CimClass -ClassName $Name).CimClassProperties | ForEach-Object { $_.Name })
    $properties = @($Wanted | Where-Object { $known -contains $_ })
    $query = "SELECT $($properties -join ', ') FROM $Name$Filter"
    Get-CimInstance -Query $query -OperationTimeoutSec 300 | Select-Object -Property $properties
}

# The second class has Office 2010, and Office 2013 on Windows 7; elsewhere it is not there.
$products = New-Object System.Collections.ArrayList
$classes = @('SoftwareLicensingProduct')
if (Get-CimClass -ClassName 'OfficeSoftwareProtection*') { $classes += 'OfficeSoftwareProtectionProduct' }
foreach ($class in $classes) {
    foreach ($product in @(Read-Class $class $ProductProperties ' WHERE PartialProductKey IS NOT NULL')) {
        [void]$products.Add($product)
    }
}

$network = [System.Net.NetworkInformation.IPGlobalProperties]::GetIPGlobalProperties()
$machine = ((@($network.HostName, $network.DomainName) -ne '') -join '.').ToLowerInvariant()
$report = [ordered]@{
    machine = $machine
    reported_at = [DateTime]::UtcNow.ToString('o')
    complete = $true
    # A list also where there is one product.
    products = $products.ToArray()
    service = Read-Class 'SoftwareLicensingService' $ServiceProperties
}
$json = ConvertTo-Json -InputObject $report -Depth 4 -Compress

if ($Folder) {
    # Gracewatch leaves names that end in .tmp alone: nobody reads half a report.
    $file = Join-Path $Folder "$machine.json"
    $json | Out-File -FilePath "$file.tmp" -Encoding UTF8
    Move-Item -LiteralPath "$file.tmp" -Destination $file -Force
} elseif ($Uri) {
    # Windows PowerShell would offer TLS 1.0 on old systems.
    [System.Net.ServicePointManager]::SecurityProtocol = [System.Net.SecurityProtocolType]::Tls12
    $headers = @{ Authorization = "Bearer $((Get-Content -LiteralPath $TokenFile -TotalCount 1).Trim())" }
    $body = [System.Text.Encoding]::UTF8.GetBytes($json)
    # The token is for this address alone, and follows no redirection.
    Invoke-RestMethod -Method Post -Uri "$($Uri.TrimEnd('/'))/api/v1/status" -Headers $headers -Body $body `
        -ContentType 'application/json' -TimeoutSec 60 -MaximumRedirection 0
} else {
    $json
}
